import Foundation
import PipelineModel
import Testing

@testable import PipelineSyntax

/// What is said about a pipeline before it runs: `Plans/*.yaml`, each with its text beside it.
@Suite struct PlanTests {
  @Test(arguments: Golden.files("Plans", ending: "yaml"))
  func `a plan says what will happen`(file: URL) throws {
    let parsed = PipelineParser().parse(
      SourceFile(path: file.lastPathComponent, bytes: [UInt8](try Data(contentsOf: file))))
    #expect(parsed.diagnostics.map(\.description) == [])
    let plan = PlanReport(try #require(parsed.value))
    try Golden.expect(plan.text, toMatch: file.deletingPathExtension().appendingPathExtension("txt"))
  }

  private func metrics(_ objective: String, _ compare: String) -> [Metric] {
    let text = """
      pipeline: p
      service: s
      environment: e
      objectives:
        availability: { target: 99.9%, window: 7d, provider: p, bad: 'b', all: 'a'\(objective) }
      metrics:
        burning: { burnRate: availability }
        errors:
          provider: p
          canary: { bad: 'b{v="${version}"}', all: 'a{v="${version}"}' }
          control: { bad: 'b{v="${stable}"}', all: 'a{v="${stable}"}' }
          compare: {\(compare) }
      stages:
        - canary: c
          route: edge/s
          steps: [5%, 100%]
          hold: 15m
          gate: { metrics: [burning, errors], every: 1m }
      """
    return PipelineParser().parse(SourceFile(path: "p.yaml", text: text)).value?.metrics ?? []
  }

  @Test func `burn rules and what a missing series means are as written, else the field's`() throws {
    let usual = metrics("", "")
    #expect(
      usual.map(\.rule) == [
        .burnRate(Objective(name: "availability", target: 0.999, window: .hours(168))), .comparison(Comparison()),
      ])
    let own = metrics(
      ", missing: zero, burn: [{ factor: 3.4x, long: 1h, short: 5m }, { factor: 1.4, long: 6h, short: 30m }]",
      " missing: zero, negligible: 0.2%")
    let rules = [
      Objective.BurnRule(factor: 3.4, long: .hours(1), short: .minutes(5)),
      Objective.BurnRule(factor: 1.4, long: .hours(6), short: .minutes(30)),
    ]
    #expect(
      own.map(\.rule) == [
        .burnRate(Objective(name: "availability", target: 0.999, window: .hours(168), rules: rules, missing: .zero)),
        .comparison(Comparison(negligible: 0.002, missing: .zero)),
      ])
    // Each window of a rule is a question of its own.
    #expect(
      own.first?.questions.map(\.name) == [
        "bad.5m", "all.5m", "bad.30m", "all.30m", "bad.1h", "all.1h", "bad.6h", "all.6h",
      ])
  }

  @Test func `exposure is share times time`() throws {
    let plan = PlanReport(.example)
    let step = try #require(plan.stages[1].steps.first)
    #expect(step.gate?.looks == 15)
    #expect(step.leastExposure == .seconds(15))
    #expect(step.mostExposure == .milliseconds(225_000))
    #expect(plan.exposure.inTime == .milliseconds(225_000))
    #expect(plan.exposure.held == Interval(milliseconds: plan.stages[1].longest.milliseconds / 4))
  }
}
