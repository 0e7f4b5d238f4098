import Engine
import PipelineModel

/// Something that may happen to a run, as a column of the transition table. `fact` is `nil` where it cannot happen:
/// there is no such effect under way, no such time ahead.
struct Occasion: Sendable {
  var name: String
  var by = Principal.person("cid")
  /// The fact, and how long after the moment it happens.
  var fact: @Sendable (Rig) -> (Fact, Interval)?

  static let all: [Occasion] = outcomes + stale + strange + times + acts + others

  private init(_ name: String, by: Principal = .person("cid"), _ fact: @escaping @Sendable (Rig) -> (Fact, Interval)?) {
    self.name = name
    self.by = by
    self.fact = fact
  }

  /// The outcome of the first effect under way that `isMeant`, at the time it is due.
  private static func outcome(
    _ name: String, of isMeant: @escaping @Sendable (Effect.Work) -> Bool,
    _ fact: @escaping @Sendable (EffectID) -> Fact
  ) -> Occasion {
    Occasion(name) { rig in
      let meant = rig.run.pending.filter { isMeant($0.work) }.min { $0.notBefore < $1.notBefore }
      return meant.map { (fact($0.id), max(.zero, $0.notBefore - rig.now)) }
    }
  }

  private static let outcomes: [Occasion] =
    GateSite.allCases.flatMap { site in
      [("good", Reading.good), ("bad", .bad), ("between", .between), ("nothing", .nothing), ("error", .error)].map {
        name, reading in
        outcome("measured \(site) \(name)", of: { $0 == .measure(site, metric: 0) }) { .measured($0, reading) }
      }
    } + [
      outcome("shifted", of: isOfRouter) { .shifted($0) },
      outcome("deployed", of: { if case .deploy = $0 { true } else { false } }) { .deployed($0) },
      outcome("retired", of: { if case .retire = $0 { true } else { false } }) { .retired($0) },
      outcome("checked 0", of: { if case .check = $0 { true } else { false } }) { .checked($0, status: 0, output: "") },
      outcome("checked 1", of: { if case .check = $0 { true } else { false } }) { .checked($0, status: 1, output: "") },
      outcome("switched off", of: { if case .switchOff = $0 { true } else { false } }) { .switchedOff($0) },
      outcome("step passed", of: isStep) { .performed($0, .passed, output: "") },
      outcome("step failed", of: isStep) { .performed($0, .failed, output: "") },
      outcome("step inconclusive", of: isStep) { .performed($0, .inconclusive, output: "") },
      outcome("failed transient", of: isChange) { .failed($0, Failure(.transient, "no")) },
      outcome("failed rejected", of: isChange) { .failed($0, Failure(.rejected, "no")) },
    ]

  @Sendable private static func isOfRouter(_ work: Effect.Work) -> Bool {
    switch work {
    case .setWeight, .setMirror, .setHeaderRoute: true
    case .measure, .deploy, .retire, .check, .switchOff, .cancelCheck, .step, .cancelStep: false
    }
  }

  @Sendable private static func isStep(_ work: Effect.Work) -> Bool { if case .step = work { true } else { false } }

  @Sendable private static func isChange(_ work: Effect.Work) -> Bool {
    if case .measure = work { false } else { true }
  }

  /// Outcomes of an effect that is not awaited any more.
  private static let stale: [Occasion] = [
    stale("measured") { .measured($0, .bad) }, stale("shifted") { .shifted($0) },
    stale("deployed") { .deployed($0) }, stale("retired") { .retired($0) },
    stale("performed") { .performed($0, .failed, output: "") },
    stale("checked") { .checked($0, status: 1, output: "") },
    stale("failed") { .failed($0, Failure(.rejected, "no")) },
  ]

  private static func stale(_ name: String, _ fact: @escaping @Sendable (EffectID) -> Fact) -> Occasion {
    Occasion("stale \(name)") { rig in
      rig.effects.first { !rig.run.awaits($0.id) }.map { (fact($0.id), .zero) }
    }
  }

  /// Facts that cannot be of this run.
  private static let strange: [Occasion] = [
    Occasion("shifted, never asked") { _ in (.shifted(EffectID(99)), .zero) },
    Occasion("shifted, of a look") { rig in
      rig.run.pending.first(where: \.isLook).map { (.shifted($0.id), .zero) }
    },
    Occasion("measured, of a change") { rig in
      rig.run.pending.first { !$0.isLook }.map { (.measured($0.id, .good), .zero) }
    },
    Occasion("started again") { rig in (.started(rig.start), .zero) },
    Occasion("controllerStarted") { _ in (.controllerStarted(epoch: 2), .zero) },
  ]

  private static let times: [Occasion] = [
    Occasion("time passed, 1 ms") { _ in (.timePassed, .milliseconds(1)) },
    Occasion("time passed, to the alarm") { rig in
      rig.run.alarm(after: rig.now).map { (.timePassed, $0 - rig.now) }
    },
    Occasion("time passed, a week") { _ in (.timePassed, .hours(168)) },
  ]

  private static let acts: [Occasion] = [
    ("approve", .approve(roles: ["manager"])), ("approve without the role", .approve(roles: [])), ("reject", .reject),
    ("pause", .pause), ("resume", .resume), ("promote step", .promote(.step)), ("promote all", .promote(.all)),
    ("abort", .abort), ("rollback", .rollback),
  ].map { (name: String, act: Act) in Occasion(name) { _ in (.acted(act), .zero) } }

  private static let others: [Occasion] = [
    Occasion("approve by the same person", by: .person("bob")) { rig in
      rig.facts.contains { $0.by == .person("bob") } ? (.acted(.approve(roles: ["manager"])), .zero) : nil
    },
    Occasion("begun") { _ in (.begun(stable: "v1", slots: [.blue]), .zero) },
    Occasion("drifted to none") { rig in rig.run.routes.isEmpty ? nil : (.drifted(route: 0, found: .none), .zero) },
    Occasion("drifted to 77%") { rig in
      rig.run.routes.isEmpty ? nil : (.drifted(route: 0, found: .percent(77)), .zero)
    },
    Occasion("flag killed") { rig in
      rig.run.routes.isEmpty ? nil : (.overruled(route: 0, found: Weight.none, because: "a kill"), .zero)
    },
    Occasion("flag edited") { rig in
      rig.run.routes.isEmpty ? nil : (.overruled(route: 0, found: nil, because: "an edit"), .zero)
    },
    Occasion("rebaselined") { _ in (.rebaselined(by: RunID(2)), .zero) },
    Occasion("mirror displaced") { rig in
      rig.run.routes.isEmpty ? nil : (.displaced(route: 0, .mirror), .zero)
    },
    Occasion("header route displaced") { rig in
      rig.run.routes.isEmpty ? nil : (.displaced(route: 0, .headerRoute), .zero)
    },
    Occasion("superseded") { _ in (.superseded(by: RunID(2)), .zero) },
    Occasion("refused") { _ in (.refused(.pause, because: "no"), .zero) },
  ]
}
