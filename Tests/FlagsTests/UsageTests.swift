import PipelineModel
import Testing

@testable import Flags

/// Counts of evaluations within their bounds, and which flags somebody should look at.
@Suite struct UsageTests {
  private static let now = Timestamp(milliseconds: 1_795_000_000_000)
  private let set: FlagSet

  init() throws {
    let definition = """
      {"flags": {
        "f": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
              "targeting": {"if": [{"==": [{"var": "plan"}, "pro"]}, "on", null]}},
        "single": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}
      }}
      """
    set = try #require(FlagSet.read(Array(definition.utf8)).set)
  }

  private func resolution(_ plan: String) -> Resolution {
    set.resolve("f", JSONObject([("plan", .text(plan))]), at: Self.now)
  }

  private func add(
    _ tally: inout EvaluationTally, _ plan: String, _ subject: String?, way: EvaluationWay = .single,
    at milliseconds: Int64 = 0
  ) {
    tally.add(
      resolution(plan), of: "f", in: "e", to: subject, way: way, at: Self.now + Interval(milliseconds: milliseconds))
  }

  @Test func `evaluations are counted by answer, and those who got one by name`() throws {
    var tally = EvaluationTally()
    add(&tally, "pro", "ada", at: 5)
    add(&tally, "pro", "ada", at: 2)
    add(&tally, "free", "bob")
    add(&tally, "pro", nil)
    add(&tally, "pro", "")
    #expect(tally.answers.count == 2 && tally.exposures.count == 2)
    let ada = EvaluationTally.Exposure(environment: "e", flag: "f", variant: "on", way: .single, subject: "ada")
    #expect(
      tally.exposures[ada]
        == .init(first: Self.now + .init(milliseconds: 2), last: Self.now + .init(milliseconds: 5), count: 2))
    let drained = tally.drain()
    #expect(tally.isEmpty && drained.answers.values.map(\.count).reduce(0, +) == 5)
  }

  @Test func `asking for all flags exposes those alone that a rule chose for`() {
    var tally = EvaluationTally()
    add(&tally, "pro", "ada", way: .bulk)
    add(&tally, "free", "bob", way: .bulk)
    #expect(tally.exposures.keys.map(\.subject) == ["ada"])
    #expect(tally.answers.count == 2)
  }

  @Test func `beyond its bounds a tally keeps nothing, and says how much`() {
    var tally = EvaluationTally(answers: 1, exposures: 2)
    for number in 1...5 { add(&tally, "pro", "user \(number)") }
    add(&tally, "free", "user 1")
    add(&tally, "pro", "user 1")
    #expect(tally.answers.count == 1 && tally.exposures.count == 2)
    #expect(tally.lostAnswers == 1 && tally.lostExposures == 4)
    #expect(tally.isHalfFull)
  }

  @Test func `what could not be written down is not counted twice, nor forgotten`() {
    var tally = EvaluationTally(answers: 2, exposures: 2)
    add(&tally, "pro", "ada", at: 0)
    add(&tally, "free", "bob", at: 0)
    let drained = tally.drain()
    add(&tally, "pro", "ada", at: 9)
    add(&tally, "pro", "eve", at: 9)
    tally.takeBack(drained)
    #expect(tally.answers.values.map(\.count).reduce(0, +) == 4)
    #expect(tally.exposures.count == 2 && tally.lostExposures == 1)
    let ada = EvaluationTally.Exposure(environment: "e", flag: "f", variant: "on", way: .single, subject: "ada")
    #expect(tally.exposures[ada]?.count == 2 && tally.exposures[ada]?.first == Self.now)
  }

  @Test func `with no exposures wanted, none are kept and none are lost`() {
    var tally = EvaluationTally(exposures: 0)
    add(&tally, "pro", "ada")
    #expect(tally.exposures.isEmpty && tally.lostExposures == 0 && !tally.isHalfFull)
  }

  private let search = StaleSearch(
    window: .hours(24), evidence: 10, now: now, countedSince: Timestamp(milliseconds: now.milliseconds - 200_000_000))

  private func reasons(
    _ usage: FlagUsage?, _ contract: FlagContract? = FlagContract(owner: "shop"), flag: String = "f",
    search: StaleSearch? = nil, created: Timestamp? = nil
  ) throws -> [StaleFlag.Reason] {
    let flag = try #require(set[flag])
    return (search ?? self.search).finding(flag, in: "e", contract: contract, usage: usage, created: created)?.reasons
      ?? []
  }

  private func usage(single: Int64, bulk: Int64 = 0, _ variants: [String: Int64]) -> FlagUsage {
    FlagUsage(environment: "e", flag: "f", single: single, bulk: bulk, variants: variants, last: Self.now)
  }

  @Test func `a flag is stale that nobody asks for, or that always says the same`() throws {
    #expect(try reasons(nil) == [.unused])
    #expect(try reasons(usage(single: 0, bulk: 7, ["on": 4, "off": 3])) == [.onlyInBulk(7)])
    #expect(try reasons(usage(single: 50, ["on": 50])) == [.oneSided(variant: "on", evaluations: 50)])
    #expect(try reasons(usage(single: 9, ["on": 9])) == [])
    #expect(try reasons(usage(single: 60, ["on": 50, "off": 10])) == [])
    // With one variant there is no other side.
    #expect(try reasons(usage(single: 50, ["on": 50]), flag: "single") == [])
  }

  @Test func `a flag is stale that has expired or belongs to nobody`() throws {
    let used = usage(single: 60, ["on": 50, "off": 10])
    let past = Timestamp(milliseconds: Self.now.milliseconds - 1)
    #expect(try reasons(used, FlagContract(owner: "shop", expires: past)) == [.expired(past)])
    #expect(try reasons(used, FlagContract(owner: "shop", expires: Self.now + .hours(1))) == [])
    #expect(try reasons(used, nil) == [.withoutOwner])
    #expect(try reasons(used, FlagContract(owner: "")) == [.withoutOwner])
  }

  @Test func `where nobody has counted, nobody is told that a flag is unused`() throws {
    var search = search
    search.countedSince = nil
    #expect(try reasons(nil, search: search) == [] && !search.isCovered)
    search.countedSince = Self.now
    #expect(try reasons(nil, search: search) == [])
    #expect(try reasons(nil, created: Self.now) == [])
  }
}
