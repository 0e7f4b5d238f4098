import PipelineModel
import Testing

@testable import PipelineSyntax

/// Scenario files without mistakes arrive in the model.
@Suite struct ScenarioParserTests {
  @Test func `a whole scenario arrives in the model`() throws {
    let parsed = ScenarioParser().parse(whole, path: "s.yaml") { path in path == "checkout.yaml" ? .example : nil }
    #expect(parsed.diagnostics.map(\.description) == [])
    let scenario = try #require(parsed.value)
    #expect(scenario.seed == 7)
    #expect(scenario.parameters == ["version": "abcdef0"])
    #expect(scenario.stable == "0000000")
    #expect(
      scenario.world
        == WorldModel(
          traffic: 200, stable: ["errors": .ratio(0.002), "p95": .lognormal(median: 0.18, sigma: 0.2)],
          canary: ["p95": .scale(1.1)],
          takes: .init(deploy: .minutes(1), router: .milliseconds(100), provider: .milliseconds(50), check: .seconds(2))
        ))
    #expect(
      scenario.events == [
        ScenarioEvent(
          trigger: .at(.minutes(25)), happenings: [.canary(["p95": .scale(1.3)]), .stable(["p95": .shift(0.05)])]),
        ScenarioEvent(
          trigger: .weight(.percent(50), after: .minutes(2)),
          happenings: [
            .traffic(0), .provider("prometheus", .timeout, for: .minutes(3)), .router("edge", .forget, for: nil),
          ]),
        ScenarioEvent(
          trigger: .at(.minutes(40)), happenings: [.crash(downtime: .seconds(30)), .clockJump(.zero - .hours(2))]),
        ScenarioEvent(
          trigger: .at(.minutes(41)),
          happenings: [
            .canary(["errors": .become(.constant(0.002)), "p95": .same]), .check("unit tests", .fail),
            .act(HumanAct(kind: .approve, by: "alice", roles: ["release-manager"])),
            .act(HumanAct(kind: .promote, by: "bob", reason: "seen enough", all: true)),
          ]),
      ])
    #expect(
      scenario.expect
        == Expectation(
          outcome: .rolledBack, before: .minutes(45), after: .minutes(5), exposedAtMost: .percent(25),
          stage: "production"))
  }

  @Test(
    arguments: [
      ("0.4", .constant(0.4)), ("180ms", .constant(0.18)), ("0.2%", .ratio(0.002)), ("exact(0.2%)", .constant(0.002)),
      ("ratio(0.5)", .ratio(0.5)), ("normal(-1, 0.5)", .normal(mean: -1, deviation: 0.5)),
      ("uniform(1k, 2k)", .uniform(low: 1000, high: 2000)), ("512MiB", .constant(536_870_912)),
    ] as [(String, Distribution)])
  func `a distribution is read`(text: String, meaning: Distribution) throws {
    #expect(try Form<Distribution>.read(text) == meaning)
  }

  private let whole = """
    scenario: latency grows by 30 % ten minutes after the 25 % step
    pipeline: checkout.yaml
    seed: 7
    stable: 0000000
    set: { version: abcdef0 }
    world:
      traffic: 12000/m
      stable: { errors: 0.2%, p95: "lognormal(180ms, 0.2)" }
      canary: { p95: x1.1 }
      deploy: { takes: 1m }
      router: { takes: 100ms }
      provider: { takes: 50ms }
      check: { takes: 2s }
    events:
      - at: 25m
        canary: { p95: x1.3 }
        stable: { p95: +50ms }
      - whenWeight: 50%
        after: 2m
        traffic: 0/s
        provider: { prometheus: timeout, for: 3m }
        router: { edge: forget }
      - at: 40m
        controller: crash
        for: 30s
        clock: { jump: -2h }
      - at: 41m
        canary: { errors: exact(0.2%), p95: same }
        check: { unit tests: fail }
        approve: { by: alice, roles: [release-manager] }
        promote: { by: bob, reason: seen enough, all: true }
    expect:
      outcome: rolled back
      before: 45m
      after: 5m
      exposed: at most 25%
      stage: production
    """
}

extension Pipeline {
  /// A check and a canary, judged by two metrics.
  static let example = Pipeline(
    name: "checkout", target: Target(service: "checkout-api", environment: "production"),
    parameters: [Parameter(name: "version", required: true, pattern: "[0-9a-f]{7}")],
    metrics: ["errors", "p95"].map { name in
      Metric(
        name: name, provider: "prometheus", query: Template(parts: [.variable("version")]),
        rule: .threshold(.init(pass: .binary(.less, .value, .number(1)), passText: "value < 1")))
    },
    stages: [
      Stage(name: "unit tests", work: .check(Check(command: Template(text: "make test")))),
      Stage(
        name: "production",
        work: .canary(
          Canary(
            route: RouteName(router: "edge", route: "checkout"), deploy: "compose",
            steps: [.init(weight: .percent(25), hold: .minutes(15), gate: Gate(metrics: [0, 1], every: .minutes(1)))]))),
    ])
}
