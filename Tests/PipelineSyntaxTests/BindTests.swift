import PipelineModel
import Testing

@testable import PipelineSyntax

/// Values given for a run, against the parameters of its pipeline.
@Suite struct BindTests {
  private let pipeline = Pipeline(
    name: "p", target: Target(service: "s", environment: "e"),
    parameters: [
      Parameter(name: "version", required: true, pattern: "[0-9a-f]{7}"),
      Parameter(name: "share", kind: .percentage, default: "5%"), Parameter(name: "ticket"),
    ], stages: [Stage(name: "w", work: .wait(.minutes(1)))])

  @Test func `defaults are filled in`() {
    #expect(pipeline.bind(["version": "abcdef0"]).values == ["version": "abcdef0", "share": "5%", "ticket": ""])
  }

  @Test func `everything wrong is told at once`() {
    let binding = pipeline.bind(["verison": "1", "share": "lots"])
    #expect(binding.values == nil)
    #expect(
      binding.problems.map(\.description) == [
        "unknown parameter `verison`, did you mean `version`?",
        "`version` is missing; give it with `--set version=…`",
        "`share`: `lots` is not a percentage; write for example `5%` or `0.5%`",
      ])
  }

  @Test func `a value must match the whole pattern`() {
    #expect(pipeline.bind(["version": "abcdef0; rm -rf /"]).problems.count == 1)
    #expect(pipeline.bind(["version": "abcdef0\n"]).problems.count == 1)
  }

  @Test func `a pipeline that moves traffic needs a version even when it does not say so`() {
    let route = RouteName(router: "a", route: "b")
    let stage = Stage(name: "c", work: .canary(Canary(route: route, steps: [.init(weight: .all, hold: .zero)])))
    let silent = Pipeline(name: "p", target: Target(service: "s", environment: "e"), stages: [stage])
    #expect(silent.bind([:]).problems.map(\.parameter) == ["version"])
    #expect(silent.bind(["version": "7"]).values == ["version": "7"])
  }
}
