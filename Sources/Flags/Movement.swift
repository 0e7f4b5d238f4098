package import PipelineModel

/// Who gets another answer when one definition takes the place of another, exactly, for a population.
package struct Movement: Equatable, Sendable {
  /// From one variant to another; `nil` stands for the client's own default, for whatever reason.
  package struct Way: Hashable, Sendable {
    package var from: String?
    package var to: String?

    package init(from: String?, to: String?) {
      self.from = from
      self.to = to
    }
  }

  /// How many were asked about.
  package private(set) var population = 0
  /// Positions in the population of those who move, in order.
  package private(set) var movers: [Int] = []
  /// How many go each way; only ways that somebody goes.
  package private(set) var ways: [Way: Int] = [:]

  /// Compares two flags over a population; a flag that is not there gives everybody the client's own default.
  ///
  /// Two answers differ when their variants or their values do.
  ///
  /// - Parameter instants: somebody moves who gets another answer at any of them.
  package static func from(
    _ old: Flag?, to new: Flag?, over population: some Sequence<JSONObject>, at instants: [Timestamp]
  ) -> Movement {
    over(population) { person in
      instants.lazy.map { (old?.resolve(person, at: $0), new?.resolve(person, at: $0)) }.first(where: differ).map(way)
    }
  }

  package static func from(
    _ old: Flag?, to new: Flag?, over population: some Sequence<JSONObject>, at now: Timestamp
  ) -> Movement { from(old, to: new, over: population, at: [now]) }

  /// Takes down who goes which way.
  ///
  /// - Parameter way: `nil` for who stays.
  static func over(_ population: some Sequence<JSONObject>, _ way: (JSONObject) -> Way?) -> Movement {
    var movement = Movement()
    for person in population {
      if let way = way(person) {
        movement.movers.append(movement.population)
        movement.ways[way, default: 0] += 1
      }
      movement.population += 1
    }
    return movement
  }

  static func differ(_ old: Resolution?, _ new: Resolution?) -> Bool {
    old?.variant != new?.variant || old?.value != new?.value
  }

  static func way(_ old: Resolution?, _ new: Resolution?) -> Way { Way(from: old?.variant, to: new?.variant) }

  /// How many come to a variant.
  package func gained(_ variant: String?) -> Int {
    ways.reduce(0) { $0 + ($1.key.to == variant && $1.key.from != variant ? $1.value : 0) }
  }

  /// How many leave a variant.
  package func lost(_ variant: String?) -> Int {
    ways.reduce(0) { $0 + ($1.key.from == variant && $1.key.to != variant ? $1.value : 0) }
  }

  /// How many move though neither their old nor their new variant is the one that is meant to change.
  package func collateral(of variant: String) -> Int {
    ways.reduce(0) { $0 + ($1.key.from == variant || $1.key.to == variant ? 0 : $1.value) }
  }

  /// 0 … 1; 0 of nobody.
  package var share: Double { population == 0 ? 0 : Double(movers.count) / Double(population) }
}
