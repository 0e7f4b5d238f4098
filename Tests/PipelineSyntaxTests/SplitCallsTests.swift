import PipelineModel
import Testing

@testable import PipelineSyntax

/// A call in a flow mapping is one value, though YAML takes it apart at its comma.
@Suite struct SplitCallsTests {
  @Test func `a call in braces stays whole`() throws {
    let stable = try world("{ a: lognormal(180ms, 0.2), b: normal(1,0.2), c: 0.4 }")
    #expect(
      stable == ["a": .lognormal(median: 0.18, sigma: 0.2), "b": .normal(mean: 1, deviation: 0.2), "c": .constant(0.4)])
  }

  @Test func `equal ends of calls are no duplicate keys`() throws {
    let stable = try world("{ a: normal(1, 0.2), b: normal(2, 0.2), c: normal(3, 0.2) }")
    #expect(stable.count == 3)
  }

  @Test func `a mistake in a call in braces has its column`() {
    let text =
      "scenario: s\npipeline: p\nworld: { traffic: 1/s, stable: { a: normal(1,  0.2q) } }\nexpect: { outcome: failed }\n"
    let parsed = ScenarioParser().parse(text, path: "s.yaml")
    #expect(parsed.diagnostics.map(\.place) == [Place(line: 3, column: 51)])
  }

  private func world(_ stable: String) throws -> [String: Distribution] {
    let text = "scenario: s\npipeline: p\nworld: { traffic: 1/s, stable: \(stable) }\nexpect: { outcome: failed }\n"
    let parsed = ScenarioParser().parse(text, path: "s.yaml")
    #expect(parsed.diagnostics.map(\.description) == [])
    return try #require(parsed.value).world.stable
  }
}
