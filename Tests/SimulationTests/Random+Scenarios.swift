import PipelineModel
import Simulation
import TestSupport

extension Random {
  mutating func chance(_ probability: Double) -> Bool { unit() < probability }

  mutating func interval(_ range: ClosedRange<Int64>) -> Interval { .seconds(Int64.random(in: range, using: &self)) }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: elements.indices, using: &self)]
  }

  // MARK: Pipelines

  mutating func pipeline() -> Pipeline {
    var stages = [pick([canary(), blueGreen(), ramp()])]
    if chance(0.3) { stages.insert(check(), at: 0) }
    if chance(0.3) { stages.insert(Stage(name: "go", work: .approve(Approval(expires: .hours(1)))), at: 0) }
    if chance(0.2) { stages.append(Stage(name: "soak", work: .wait(.minutes(30)))) }
    if chance(0.2) { stages.append(canary(route: "second")) }
    if chance(0.1) { stages.append(ramp(key: "second")) }
    if chance(0.3) { stages[0].switchesOff = .flag("behind-it", in: "production") }
    if chance(0.2) {
      stages.append(Stage(name: "observe", work: .verify(Watch(gate: gate(looks: 20), hold: .hours(2)))))
    }
    return Pipeline(
      name: "random", target: Target(service: "checkout", environment: "production"), metrics: [.errors, latency],
      stages: stages)
  }

  private var latency: Metric {
    Metric(
      name: "p95", provider: "metrics", query: Template(text: "p95"),
      rule: .threshold(
        .init(
          pass: .binary(.less, .value, .number(0.5)), fail: .binary(.greater, .value, .number(0.8)))))
  }

  private mutating func gate(looks: Int = 3) -> Gate {
    let allow = Allowance(failures: pick([0, 1]), inconclusive: pick([0, 2]))
    return Gate(metrics: pick([[0], [0, 1], [1]]), every: .minutes(1), atLeast: pick([1, looks]), allow: allow)
  }

  private mutating func canary(route: String = "checkout") -> Stage {
    let weights = pick([[5, 25, 50, 100], [100], [10, 100], [1, 2, 3, 4, 5]]) as [Int64]
    let steps = weights.map { weight in
      Canary.Step(
        weight: .percent(Int(weight)), hold: pick([.minutes(5), .minutes(3), .minutes(10)]),
        gate: chance(0.9) ? gate() : nil)
    }
    let canary = Canary(
      route: RouteName(router: "edge", route: route), deploy: chance(0.5) ? "hosts" : nil, steps: steps,
      background: chance(0.3) ? gate(looks: 1) : nil)
    return Stage(
      name: "canary \(route)", work: .canary(canary), onFailure: pick([.rollback, .rollback, .hold]),
      onInconclusive: pick([.rollback, .hold]))
  }

  private mutating func ramp(key: String = "new-checkout") -> Stage {
    let weights = [[1, 10, 50, 100], [100], [10, 50]]
    let steps = pick(weights).map { weight in
      Canary.Step(weight: .percent(weight), hold: pick([.minutes(5), .minutes(10)]), gate: chance(0.9) ? gate() : nil)
    }
    return Stage(
      name: "flag \(key)",
      work: .flag(
        FlagRamp(
          key: key, environment: "production", steps: steps, background: chance(0.3) ? gate(looks: 1) : nil)),
      onFailure: pick([.rollback, .rollback, .hold]), onInconclusive: pick([.rollback, .hold]))
  }

  private mutating func blueGreen() -> Stage {
    let change = BlueGreen(
      route: RouteName(router: "edge", route: "checkout"), deploy: "hosts",
      preSwitch: chance(0.5) ? Watch(gate: gate(), hold: .minutes(4)) : nil,
      postSwitch: chance(0.7) ? Watch(gate: gate(), hold: .minutes(5)) : nil, keepAlive: .minutes(20))
    return Stage(name: "switch", work: .blueGreen(change), onFailure: pick([.rollback, .hold]))
  }

  private mutating func check() -> Stage {
    Stage(
      name: "tests",
      work: .check(Check(command: Template(text: "make test"), timeout: .minutes(5), retries: pick([0, 2]))))
  }

  // MARK: Worlds

  mutating func world(isGood: Bool) -> WorldModel {
    let errors: Double = isGood || chance(0.7) ? 0.01 : 0.06
    return WorldModel(
      traffic: isGood ? 500 : pick([500, 20, 2]),
      stable: [
        "errors": isGood ? .constant(errors) : .ratio(errors),
        "p95": .lognormal(median: 0.2, sigma: isGood ? 0.05 : 0.4),
      ],
      takes: .init(
        deploy: interval(0...90), router: interval(0...3), provider: interval(0...2), check: interval(1...60)),
      preview: 20)
  }

  // MARK: What happens

  mutating func events(of pipeline: Pipeline) -> [ScenarioEvent] {
    (0..<Int.random(in: 1...6, using: &self)).map { _ in
      let trigger: ScenarioEvent.Trigger =
        chance(0.5)
        ? .at(interval(0...3000)) : .weight(.percent(pick([1, 5, 25, 50, 100])), after: interval(0...300))
      return ScenarioEvent(trigger: trigger, happenings: [happening()])
    } + (pipeline.stages[0].name == "go" && chance(0.8) ? Self.approval : [])
  }

  static let approval = [
    ScenarioEvent(trigger: .at(.minutes(7)), happenings: [.act(HumanAct(kind: .approve, by: "ann"))])
  ]

  private mutating func happening() -> ScenarioEvent.Happening {
    let length = chance(0.8) ? interval(1...900) : nil
    switch Int.random(in: 0..<11, using: &self) {
    case 10:
      let flag = pick(["new-checkout", "second", "behind-it"])
      return .flag(flag, pick(ScenarioEvent.FlagFault.allCases), for: length)
    case 0: return .provider("metrics", pick(ScenarioEvent.ProviderFault.allCases), for: length)
    case 1: return .router("edge", pick([.refuse, .timeout]), for: interval(1...900))
    case 2: return .router("edge", .forget, for: nil)
    case 3: return .deployer("hosts", pick(ScenarioEvent.DeployerFault.allCases), for: interval(1...900))
    case 4: return .check("tests", pick(ScenarioEvent.CheckFault.allCases))
    case 5: return .canary(["errors": pick([.scale(20), .become(.constant(0.2)), .same])])
    case 6: return .traffic(pick([0, 5, 2000]))
    case 7: return .clockJump(interval(-7200...7200))
    case 8: return .act(HumanAct(kind: pick(HumanAct.Kind.allCases), by: pick(["ann", "bob"]), all: chance(0.2)))
    default: return .crash(downtime: interval(0...1200))
    }
  }
}
