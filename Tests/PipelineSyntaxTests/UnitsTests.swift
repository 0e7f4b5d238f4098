import PipelineModel
import Testing

@testable import PipelineSyntax

/// Durations and percentages: what is accepted, and that what the model prints is read back as the same.
@Suite struct UnitsTests {
  @Test(
    arguments: [
      ("90s", 90_000), ("15m", 900_000), ("1h30m", 5_400_000), ("250ms", 250), ("7d", 604_800_000), ("0s", 0),
      ("1.5h", 5_400_000), ("1d2h3m4s5ms", 93_784_005),
    ] as [(String, Int64)])
  func `a duration is read`(text: String, milliseconds: Int64) throws {
    #expect(try Interval(written: text) == .milliseconds(milliseconds))
  }

  @Test(arguments: [
    "", "15", "m", "1:30", "15 m", "1m1h", "1m1m", "-5m", "1e3s", "0x1s", "1.2.3s", "9999999999999999d", "1m ", "½h",
    "٣m",
  ])
  func `what is no duration is refused`(text: String) {
    #expect(throws: UnitMistake.self) { try Interval(written: text) }
  }

  @Test func `what the model prints is read back as the same`() throws {
    var random = SplitMix(seed: 1)
    for _ in 0..<1000 {
      let interval = Interval(milliseconds: Int64(random.next(below: 200_000_000)))
      #expect(try Interval(written: interval.description) == interval)
      let weight = Weight(basisPoints: random.next(below: 10_001))
      #expect(try Weight(written: weight.description) == weight)
    }
  }

  @Test(arguments: ["", "5", "%", "-1%", "101%", "0.001%", "5 %", "1e1%", "5%%"])
  func `what is no percentage is refused`(text: String) {
    #expect(throws: UnitMistake.self) { try Weight(written: text) }
  }

  @Test(arguments: [
    ("stpes", "steps"), ("Steps", "steps"), ("on-failure", "onFailure"), ("qeury", "query"),
    ("promethues", "prometheus"),
  ])
  func `a slip of the keys is recognised`(written: String, meant: String) {
    #expect(nearMiss(of: written, among: ["gate", "steps", "onFailure", "query", "prometheus"]) == meant)
  }

  @Test(arguments: ["", "x", "zzzzz", "database", String(repeating: "steps", count: 100)])
  func `what is far from everything has no near miss`(written: String) {
    #expect(nearMiss(of: written, among: ["gate", "steps", "on", "query"]) == nil)
  }
}

/// A small generator of chance whose numbers depend on the seed only.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func next(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
