package import PipelineModel

/// Who would move with another definition, and where that cannot be told of people who are made up.
package struct Reckoning: Equatable, Sendable {
  package let movement: Movement
  /// Conditions that all of the people made up meet, or none: places in the rules, `/if/0/==`. What becomes of others is not
  /// known. Empty with people of one's own.
  package let blindSpots: [String]

  /// The share of the people who move, 0 … 1; `nil`: it is not known.
  package var share: Double? { blindSpots.isEmpty ? movement.share : nil }

  /// - Parameters:
  ///   - old: `nil`: there is none, everybody has the client's own default. So of `new`.
  ///   - people: `nil`: made up for what both rules look at.
  ///   - count: how many are made up; `nil`: as many as rules of their size allow.
  ///   - now: somebody who moves at a later instant that a rule names is counted too.
  package init(from old: Flag?, to new: Flag?, over people: [JSONObject]? = nil, count: Int? = nil, at now: Timestamp) {
    let rules = [old?.activeRule, new?.activeRule]
    let instants = [now] + Self.thresholds(of: rules, after: now)
    if let people {
      movement = Movement.from(old, to: new, over: people, at: instants)
      blindSpots = []
      return
    }
    let coverage = [old, new].map { Coverage(of: $0) }
    movement = Movement.over(Population.generated(for: rules, count: count ?? Population.count(for: rules))) { person in
      instants.lazy.map { (coverage[0].answer(person, at: $0), coverage[1].answer(person, at: $0)) }
        .first(where: Movement.differ).map(Movement.way)
    }
    let byTime = rules.contains { $0?.splitsByTime ?? false } ? ["/fractional/$flagd.timestamp"] : []
    blindSpots = Set(coverage.flatMap(\.blindSpots) + byTime).sorted()
  }

  /// On either side of each instant to come that a rule names.
  private static func thresholds(of rules: [JSONValue?], after now: Timestamp) -> [Timestamp] {
    let later = Set(rules.compactMap(\.self).flatMap(\.instants)).filter { $0 > now }.sorted().prefix(4)
    return later.flatMap { [$0, $0 + .seconds(1)] }
  }
}

/// A flag that is asked, and which of its conditions have come out both ways.
private final class Coverage: RuleTrail {
  private let flag: Flag?
  private let program: Program?
  /// By node: 1 once it held, 2 once it did not.
  private var seen: [UInt8]
  private var answers: Set<String?> = []

  init(of flag: Flag?) {
    self.flag = flag
    program = if case .rule(let program)? = flag?.targeting, flag?.state == .enabled { program } else { nil }
    seen = Array(repeating: 0, count: program?.places.count ?? 0)
  }

  func answer(_ person: JSONObject, at now: Timestamp) -> Resolution? {
    let answer = flag?.resolve(person, at: now, trail: self)
    if program != nil, answers.count < 2 { answers.insert(answer?.variant) }
    return answer
  }

  /// A rule that is neither a choice nor a split has its result alone to show.
  var blindSpots: [String] {
    guard let program, let operation = flag?.activeRule?.operation?.name else { return [] }
    let halfSeen = zip(seen, program.places).filter { $0.0 == 1 || $0.0 == 2 }.map(\.1)
    return ["if", "fractional"].contains(operation) || answers.count > 1 ? halfSeen : halfSeen + ["/\(operation)"]
  }

  func tested(_ node: Int32, holds: Bool) { seen[Int(node)] |= holds ? 1 : 2 }
  func fell(_ node: Int32, into bucket: Int, hash: UInt32, of sum: Int64) {}
}

extension Flag {
  /// The rule that people are given variants by now; `nil`: everybody gets the same.
  fileprivate var activeRule: JSONValue? {
    guard state == .enabled, case .rule = targeting else { return nil }
    return definition.object?["targeting"]
  }
}
