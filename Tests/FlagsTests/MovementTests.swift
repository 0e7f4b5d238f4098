import Flags
import Testing

/// Ramps move those they mean to and nobody else, and who moves is known before.
struct MovementTests {
  static let people = (0..<4000).map { user($0) }

  private static func flag(
    _ split: RampSplit, _ generation: Generation, key: String = "f", variants: [String] = ["on", "off"]
  ) throws -> Flag {
    let values = variants.map { "\"\($0)\": \"\($0)\"" }.joined(separator: ",")
    let set = try flagSet(
      """
      {"flags": {"\(key)": {"state": "ENABLED", "variants": {\(values)}, "defaultVariant": "\(variants[1])",
                            "targeting": \(split.rule.written)}}}
      """, generation)
    return try #require(set[key])
  }

  private static func holders(_ flag: Flag, of variant: String) -> Set<Int> {
    Set(people.indices.filter { flag.resolve(people[$0], at: noon).variant == variant })
  }

  @Test(arguments: Generation.allCases)
  func `a ramp from 1 to 100 percent never takes a person out, and back is last in, first out`(
    _ generation: Generation
  ) throws {
    var split = RampSplit(growing: "on", shrinking: "off")
    var steps: [Set<Int>] = []
    for weight in [0, 1000, 10_000, 50_000, 99_999, 100_000] {
      try split.set("on", to: weight, against: "off")
      steps.append(Self.holders(try Self.flag(split, generation), of: "on"))
    }
    for (before, after) in zip(steps, steps.dropFirst()) { #expect(before.isSubset(of: after)) }
    #expect(steps.first == [])
    #expect(steps.last?.count == Self.people.count)
    // Back by the same steps: who came last goes first, and the others stay.
    for (index, weight) in [0, 1000, 10_000, 50_000, 99_999].enumerated().reversed() {
      try split.set("on", to: weight, against: "off")
      #expect(Self.holders(try Self.flag(split, generation), of: "on") == steps[index])
    }
  }

  @Test func `a step moves exactly those whose bucket lies between the old weight and the new`() throws {
    var chance = Chance(4)
    for _ in 0..<20 {
      var split = RampSplit(growing: "on", shrinking: "off")
      let weights = [Int.random(in: 0...100_000, using: &chance), Int.random(in: 0...100_000, using: &chance)]
      try split.set("on", to: weights[0], against: "off")
      let old = try Self.flag(split, .v2)
      try split.set("on", to: weights[1], against: "off")
      let new = try Self.flag(split, .v2)
      let movement = Movement.from(old, to: new, over: Self.people, at: noon)
      let between = weights.min().map { $0..<(weights.max() ?? $0) } ?? 0..<0
      let expected = Self.people.indices.filter {
        let hash = Murmur3.hash(of: "fuser-\($0)")
        return between.contains(Int((UInt64(hash) * 100_000) >> 32))
      }
      #expect(movement.movers == expected)
      #expect(movement.collateral(of: "on") == 0)
      #expect(movement.population == Self.people.count)
    }
  }

  @Test(arguments: Generation.allCases)
  func `in a split of many only neighbours exchange people`(_ generation: Generation) throws {
    var chance = Chance(11)
    let names = ["a", "b", "c", "d", "e"]
    for _ in 0..<20 {
      var split = try RampSplit(parts: names.map { .init(variant: $0, weight: 20_000) })
      let pair = Int.random(in: 0..<4, using: &chance)
      let old = try Self.flag(split, generation, variants: names)
      try split.set(names[pair], to: Int.random(in: 20_000...40_000, using: &chance), against: names[pair + 1])
      let new = try Self.flag(split, generation, variants: names)
      let movement = Movement.from(old, to: new, over: Self.people, at: noon)
      let way = Movement.Way(from: names[pair + 1], to: names[pair])
      #expect(Set(movement.ways.keys).isSubset(of: [way]))
    }
  }

  @Test func `who is predicted to move is who moves`() throws {
    var chance = Chance(23)
    for round in 0..<40 {
      let (old, new) = (Self.definition(&chance), Self.definition(&chance))
      let (oldSet, newSet) = (try flagSet(old), try flagSet(new))
      let people = (0..<300).map { Self.person($0, &chance) }
      let predicted = Movement.from(oldSet["f"], to: newSet["f"], over: people, at: noon)
      // What users saw: each asked by themselves, of one set and then of the other, by value.
      var seen: [JSONValue?] = people.map { oldSet.resolve("f", $0, at: noon).value }
      var moved: [Int] = []
      for index in people.indices.shuffled(using: &chance) {
        let value = newSet.resolve("f", people[index], at: noon).value
        if value != seen[index] { moved.append(index) }
        seen[index] = value
      }
      #expect(predicted.movers == moved.sorted(), "round \(round): \(old) → \(new)")
      let (gained, lost) = (predicted.gained("on"), predicted.lost("on"))
      let before = people.count { oldSet.resolve("f", $0, at: noon).variant == "on" }
      #expect(before + gained - lost == people.count { newSet.resolve("f", $0, at: noon).variant == "on" })
    }
  }

  private static func definition(_ chance: inout Chance) -> String {
    let country = ["de", "at", "ch"].shuffled(using: &chance)[0]
    let weight = Int.random(in: 0...100, using: &chance)
    let rules = [
      #"{"fractional": [["on", \#(weight)], ["off", \#(101 - weight)]]}"#,
      #"{"if": [{"==": [{"var": "country"}, "\#(country)"]}, {"fractional": [["on", \#(weight)], ["off", 101]]}, "off"]}"#,
      #"{"if": [{">": [{"var": "age"}, \#(weight)]}, "on", null]}"#,
    ]
    let state = Int.random(in: 0..<8, using: &chance) == 0 ? "DISABLED" : "ENABLED"
    return """
      {"flags": {"f": {"state": "\(state)", "variants": {"on": 1, "off": 0}, "defaultVariant": "off",
                       "targeting": \(rules.shuffled(using: &chance)[0])}}}
      """
  }

  private static func person(_ number: Int, _ chance: inout Chance) -> JSONObject {
    JSONObject([
      ("targetingKey", .text("user-\(number)")), ("age", .number(Double(Int.random(in: 0...100, using: &chance)))),
      ("country", .text(["de", "at", "ch"].shuffled(using: &chance)[0])),
    ])
  }

  @Test func `weight does not move past a third variant`() throws {
    let parts = ["a", "b", "c"].map { RampSplit.Part(variant: $0, weight: $0 == "a" ? 99_998 : 1) }
    var split = try RampSplit(parts: parts)
    #expect(throws: RampSplit.Refusal.notNeighbours("a", "c")) { try split.set("a", to: 5, against: "c") }
    #expect(throws: RampSplit.Refusal.noSuchVariant("d")) { try split.set("d", to: 5, against: "c") }
    #expect(throws: RampSplit.Refusal.weightOutOfRange(3)) { try split.set("b", to: 3, against: "c") }
    #expect(throws: RampSplit.Refusal.notARamp) { try RampSplit(parts: Array(parts.dropLast())) }
    #expect(split.parts == parts)
  }
}
