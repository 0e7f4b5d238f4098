import PipelineModel

/// Small pipelines for the tests of the engine.
enum Pipelines {
  static let target = Target(service: "checkout", environment: "production")
  static let edge = RouteName(router: "edge", route: "checkout")
  static let flag = RouteName.flag("new-checkout", in: "production")
  static let west = RouteName(router: "west", route: "checkout")

  /// Below 1 % passes, above 5 % fails.
  static let errors = metric("errors")

  static func metric(_ name: String, _ change: (inout Metric) -> Void = { _ in }) -> Metric {
    var metric = Metric(
      name: name, provider: "prom", query: Template(text: "q"),
      rule: .threshold(
        .init(
          pass: .binary(.less, .value, .number(0.01)), fail: .binary(.greater, .value, .number(0.05)))))
    change(&metric)
    return metric
  }

  static func gate(
    _ metrics: [Int] = [0], every: Interval = .minutes(1), atLeast: Int = 3, allow: Allowance = Allowance()
  ) -> Gate {
    Gate(metrics: metrics, every: every, atLeast: atLeast, allow: allow)
  }

  /// 5 % and 100 %, five minutes each.
  static func canary(
    _ weights: [Int] = [5, 100], route: RouteName = edge, gate: Gate? = gate(), background: Gate? = nil,
    deploy: String? = nil, hold: Interval = .minutes(5), deadline: Interval? = nil,
    onFailure: FailurePolicy = .rollback, onInconclusive: FailurePolicy = .hold, switchesOff: RouteName? = nil
  ) -> Stage {
    Stage(
      name: "canary",
      work: .canary(
        Canary(
          route: route, deploy: deploy,
          steps: weights.map { Canary.Step(weight: .percent($0), hold: hold, gate: gate) }, background: background)),
      deadline: deadline, onFailure: onFailure, onInconclusive: onInconclusive, switchesOff: switchesOff)
  }

  /// 1 % and 100 % of the people, five minutes each.
  static func ramp(
    _ weights: [Int] = [1, 100], gate: Gate? = gate(), background: Gate? = nil, hold: Interval = .minutes(5),
    onFailure: FailurePolicy = .rollback
  ) -> Stage {
    Stage(
      name: "ramp",
      work: .flag(
        FlagRamp(
          key: "new-checkout", environment: "production",
          steps: weights.map { Canary.Step(weight: .percent($0), hold: hold, gate: gate) },
          background: background)),
      onFailure: onFailure)
  }

  /// Moves: 0 deploy, 1 pre-switch, 2 switch, 3 post-switch, 4 keep-alive, 5 retire.
  static func blueGreen(background: Gate? = nil, onFailure: FailurePolicy = .rollback) -> Stage {
    Stage(
      name: "switch",
      work: .blueGreen(
        BlueGreen(
          route: edge, deploy: "kube", preSwitch: Watch(gate: gate(), hold: .minutes(5)),
          postSwitch: Watch(gate: gate(), hold: .minutes(5)), keepAlive: .minutes(30), background: background)),
      onFailure: onFailure)
  }

  static func check(retries: Int = 0, onFailure: FailurePolicy = .rollback) -> Stage {
    Stage(name: "tests", work: .check(Check(command: Template(text: "true"), retries: retries)), onFailure: onFailure)
  }

  static func step(
    retries: Int = 0, onFailure: FailurePolicy = .rollback, onInconclusive: FailurePolicy = .hold
  ) -> Stage {
    Stage(
      name: "smoke",
      work: .step(StepCall(step: StepName(runner: "qa", step: "smoke"), timeout: .minutes(10), retries: retries)),
      onFailure: onFailure, onInconclusive: onInconclusive)
  }

  /// Moves: 0 header route, 1 mirror, 2 watch, 3 no mirror, 4 and 5 half, 6 and 7 all, 8 no header route.
  static func previewed(onFailure: FailurePolicy = .rollback) -> Stage {
    var stage = canary([50, 100], onFailure: onFailure)
    guard case .canary(var canary) = stage.work else { return stage }
    canary.previews = [
      .init(
        header: HeaderMatch(header: "x-canary", value: "always"), mirror: .percent(10), hold: .minutes(5),
        gate: gate())
    ]
    stage.work = .canary(canary)
    return stage
  }

  static func approve(_ approvals: Int = 2, from: [String] = ["manager"], excludeRequester: Bool = false) -> Stage {
    Stage(
      name: "approve",
      work: .approve(Approval(from: from, approvals: approvals, excludeRequester: excludeRequester)))
  }

  static func verify(_ hold: Interval = .minutes(30)) -> Stage {
    Stage(name: "observe", work: .verify(Watch(gate: gate(every: .minutes(5)), hold: hold)))
  }
}
