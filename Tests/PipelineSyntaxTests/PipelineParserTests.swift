import PipelineModel
import Testing

@testable import PipelineSyntax

/// Files without mistakes: what is written arrives in the model, and what is not gets its default.
@Suite struct PipelineParserTests {
  @Test func `a whole pipeline arrives in the model`() throws {
    let pipeline = try #require(parse(whole))
    #expect(pipeline.name == "checkout")
    #expect(pipeline.target == Target(service: "checkout-api", environment: "production"))
    #expect(pipeline.owner == "payments")
    #expect(pipeline.whenBusy == .supersede)
    #expect(pipeline.deadline == .hours(72))
    #expect(pipeline.parameters.map(\.name) == ["version", "ratio"])
    #expect(pipeline.parameters[1].default == "0.5%")
    #expect(pipeline.metrics.map(\.name) == ["errors", "p95"])
    #expect(pipeline.metrics[0].query.variables == ["version", "interval"])
    #expect(pipeline.metrics[1].range == Metric.Range(over: .minutes(5), step: .seconds(15)))
    #expect(pipeline.stages.map(\.name) == ["unit tests", "release manager", "pause", "production", "observation"])
    let canary = try #require(pipeline.stages[3].canary)
    #expect(canary.route == RouteName(router: "edge", route: "checkout"))
    #expect(canary.steps.map(\.weight) == [.percent(5), Weight(basisPoints: 3333), .all])
    #expect(canary.steps.map(\.hold) == [.minutes(10), .minutes(5), .minutes(10)])
    #expect(
      canary.steps[0].gate == Gate(metrics: [0, 1], every: .minutes(1), atLeast: 10, allow: Allowance(failures: 2)))
    #expect(canary.steps[1].gate == Gate(metrics: [1], every: .minutes(1)))
    #expect(canary.background == Gate(metrics: [0], every: .minutes(5), delay: .zero))
    #expect(pipeline.stages[3].onFailure == .hold)
  }

  @Test func `what is left out gets the default`() throws {
    let pipeline = try #require(
      parse(
        """
        pipeline: p
        service: s
        environment: staging
        metrics:
          m: { provider: x, query: "${version}", fail: value > 1 }
        stages:
          - canary: c
            route: a/b
            gate: { metrics: m }
          - blueGreen: b
            route: a/b
            deploy: d
            preSwitch: { gate: { metrics: m } }
        """))
    let canary = try #require(pipeline.stages[0].canary)
    #expect(canary.steps.map(\.weight) == [.percent(5), .percent(25), .percent(50), .all])
    #expect(canary.steps.map(\.hold) == [.minutes(15), .minutes(15), .minutes(15), .minutes(30)])
    #expect(canary.steps[0].gate == Gate(metrics: [0], every: .minutes(1)))
    let change = try #require(pipeline.stages[1].blueGreen)
    #expect(change.preSwitch?.hold == .minutes(15))
    #expect(change.keepAlive == .hours(24))
    #expect(pipeline.stages[0].deadline == .minutes(75) * 2 + .minutes(15))
    #expect(pipeline.whenBusy == .refuse)
  }

  @Test func `a byte-order mark and CRLF change nothing`() throws {
    let windows = "\u{FEFF}" + whole.replacing("\n", with: "\r\n")
    #expect(try #require(parse(windows)) == #require(parse(whole)))
  }

  @Test func `a dollar sign is kept where it is doubled`() throws {
    let pipeline = try #require(
      parse("pipeline: p\nservice: s\nenvironment: e\nstages: [{ check: c, run: 'a $${b} $c ${version}' }]"))
    let check = try #require(pipeline.stages[0].check)
    #expect(check.command.parts == [.text("a ${b} $c "), .variable("version")])
    #expect(check.command.source == "a $${b} $c ${version}")
  }

  @Test func `an anchor may stand for a value twice`() throws {
    let pipeline = try #require(
      parse("pipeline: p\nservice: &n s\nenvironment: *n\nstages: [{ wait: w, for: 5m }]"))
    #expect(pipeline.target.environment == "s")
  }

  private func parse(_ text: String) -> Pipeline? {
    let parsed = PipelineParser().parse(text, path: "p.yaml")
    #expect(parsed.diagnostics.map(\.description) == [])
    return parsed.value
  }

  private let whole = """
    pipeline: checkout
    service: checkout-api
    environment: production
    owner: payments
    runbook: https://runbooks.example/checkout

    parameters:
      version: { required: true, pattern: "[0-9a-f]{7,40}" }
      ratio: { type: percentage, default: 0.5% }

    metrics:
      errors:
        provider: prometheus
        query: sum(rate(http_requests_total{version="${version}",code=~"5.."}[${interval}]))
        pass: value < 0.5%
      p95:
        provider: prometheus
        query: histogram_quantile(0.95, x{version="${version}"})
        range: { over: 5m, step: 15s }
        pass: all(value < 500ms)
        fail: last(value) > 800ms

    gates:
      slow: { metrics: [p95] }

    stages:
      - check: unit tests
        run: make test ratio=${ratio}
        timeout: 10m
      - approve: release manager
        from: [release-manager]
        approvals: 2
        expires: 24h
      - wait: pause
        for: 1m
      - canary: production
        route: edge/checkout
        steps: [5%, { weight: 33.33%, hold: 5m, gate: slow }, 100%]
        hold: 10m
        gate: { metrics: [errors, p95], every: 1m, atLeast: 10 measurements, allow: { failures: 2 } }
        background: { metrics: [errors], every: 5m, delay: 0s }
        onFailure: hold
      - verify: observation
        gate: { metrics: [p95], every: 5m }
        hold: 24h
    deadline: 72h
    whenBusy: supersede
    """
}

extension Stage {
  fileprivate var canary: Canary? { if case .canary(let canary) = work { canary } else { nil } }
  fileprivate var blueGreen: BlueGreen? { if case .blueGreen(let change) = work { change } else { nil } }
  fileprivate var check: Check? { if case .check(let check) = work { check } else { nil } }
}
