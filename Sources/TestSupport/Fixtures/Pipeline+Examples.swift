package import PipelineModel

extension Metric {
  /// Passes below 5 %, fails from there on.
  package static let errors = Metric(
    name: "errors", provider: "metrics", query: Template(text: "errors"),
    rule: .threshold(.init(pass: .binary(.less, .value, .number(0.05)))))
}

extension Pipeline {
  /// 5 → 25 → 50 → 100 %, each held for `hold` under a gate that looks every minute, brought up and judged throughout.
  package static func canary(
    _ name: String = "canary", service: String = "checkout", hold: Interval = .minutes(3), looks: Int = 3,
    whenBusy: BusyPolicy = .refuse
  ) -> Pipeline {
    let gate = Gate(metrics: [0], every: .minutes(1), atLeast: looks)
    let steps = [5, 25, 50, 100].map { Canary.Step(weight: .percent($0), hold: hold, gate: gate) }
    let background = Gate(metrics: [0], every: .minutes(2), allow: Allowance(failures: 2))
    let canary = Canary(
      route: RouteName(router: "edge", route: service), deploy: "hosts", steps: steps, background: background)
    return Pipeline(
      name: name, target: Target(service: service, environment: "production"), metrics: [.errors],
      stages: [Stage(name: "canary", work: .canary(canary))], whenBusy: whenBusy)
  }

  /// A flag's `on` given to 1 → 10 → 100 % of the people, each held for three minutes under a gate that looks every minute.
  package static func ramp(
    _ name: String = "ramp", key: String = "new-checkout", service: String = "checkout", approvals: Int = 0,
    whenBusy: BusyPolicy = .refuse
  ) -> Pipeline {
    let gate = Gate(metrics: [0], every: .minutes(1), atLeast: 3)
    let steps = [1, 10, 100].map { Canary.Step(weight: .percent($0), hold: .minutes(3), gate: gate) }
    let ramp = Stage(name: "ramp", work: .flag(FlagRamp(key: key, environment: "production", steps: steps)))
    let approve = Stage(name: "approve", work: .approve(Approval(approvals: approvals, excludeRequester: true)))
    return Pipeline(
      name: name, target: Target(service: service, environment: "production"), metrics: [.errors],
      stages: (approvals > 0 ? [approve] : []) + [ramp], whenBusy: whenBusy)
  }

  /// The same canary, which switches a flag off when its gate fails.
  package static func remedied(by key: String) -> Pipeline {
    var pipeline = canary("remedied")
    pipeline.stages[0].switchesOff = .flag(key, in: "production")
    return pipeline
  }

  /// Brought up beside, tried, switched, watched, kept alive for half an hour, taken down.
  package static func blueGreen(_ name: String = "blue-green", service: String = "checkout") -> Pipeline {
    let gate = Gate(metrics: [0], every: .minutes(1), atLeast: 2)
    let change = BlueGreen(
      route: RouteName(router: "edge", route: service), deploy: "hosts",
      preSwitch: Watch(gate: gate, hold: .minutes(2)), postSwitch: Watch(gate: gate, hold: .minutes(3)),
      keepAlive: .minutes(30))
    return Pipeline(
      name: name, target: Target(service: service, environment: "production"), metrics: [.errors],
      stages: [Stage(name: "switch", work: .blueGreen(change))])
  }
}

extension WorldModel {
  /// Both versions healthy; backends that take their time.
  package static func healthy(errors: Double = 0.01, canary: Double = 0.01) -> WorldModel {
    WorldModel(
      traffic: 200, stable: ["errors": .constant(errors)], canary: ["errors": .become(.constant(canary))],
      takes: Delays(deploy: .seconds(30), router: .seconds(1), provider: .milliseconds(300), check: .seconds(2)),
      preview: 5)
  }
}
