import Engine
import PipelineModel

/// A run with a hand on its clock and on what the world answers. Keeps every fact, so that it can be folded again.
struct Rig {
  static let noon = Timestamp(milliseconds: 1_795_262_400_000)

  var run: Run
  /// As the run was admitted; one that waited begins with other slots perhaps.
  let start: Start
  var now = Rig.noon
  /// What the last fact led to.
  var reaction = Reaction()
  /// Every decision so far.
  var decisions: [Decision] = []
  /// Every effect so far.
  var effects: [Effect] = []
  var facts: [(fact: Fact, by: Principal, at: Timestamp)] = []

  init(
    _ stages: [Stage], metrics: [Metric] = [Pipelines.errors], deadline: Interval? = nil, stable: String? = "v1",
    seed: UInt64 = 7, queued: Bool = false, number: Int64 = 1, slot: Slot = .green,
    change: ChangeKind? = nil, spent: [String] = []
  ) {
    let pipeline = Pipeline(
      name: "checkout", target: Pipelines.target, metrics: metrics, stages: stages, deadline: deadline)
    let plan = Plan(pipeline)
    start = Start(
      pipeline: "checkout", target: Pipelines.target, version: "v2", stable: stable,
      slots: plan.routes.map { _ in slot }, seed: seed, queued: queued, change: change, spent: spent)
    run = Run(id: RunID(number), plan: plan, start: start, by: .person("ann"), at: now, into: &reaction)
    keep()
  }

  private mutating func keep() {
    decisions += reaction.decisions
    effects += reaction.effects
  }

  // MARK: Facts

  mutating func apply(_ fact: Fact, by principal: Principal = .controller) throws {
    reaction.clear()
    try run.apply(fact, by: principal, at: now, into: &reaction)
    facts.append((fact, principal, now))
    keep()
  }

  mutating func act(_ act: Act, by name: String = "ann") throws { try apply(.acted(act), by: .person(name)) }

  mutating func wait(_ span: Interval) throws {
    now = now + span
    try apply(.timePassed)
  }

  /// The first pending change comes about.
  mutating func settle() throws {
    guard let effect = run.pending.first(where: { !$0.isLook }) else { throw Missing("no change is under way") }
    try settle(effect)
  }

  mutating func settle(_ effect: Effect) throws {
    now = max(now, effect.notBefore)
    try apply(effect.success)
  }

  /// The first pending change does not come about.
  mutating func fail(_ kind: Failure.Kind = .transient) throws {
    guard let effect = run.pending.first(where: { !$0.isLook }) else { throw Missing("no change is under way") }
    now = max(now, effect.notBefore)
    try apply(.failed(effect.id, Failure(kind, "no")))
  }

  /// The earliest look at a site is answered, at the time it is due or `late` after.
  mutating func look(
    _ reading: Reading, _ site: GateSite = .move, metric: Int = 0, late: Interval = .zero
  ) throws {
    let looks = run.pending.filter { $0.work == .measure(site, metric: metric) }
    guard let look = looks.min(by: { $0.notBefore < $1.notBefore }) else { throw Missing("no look at \(site) is due") }
    now = max(now, look.notBefore + late)
    try apply(.measured(look.id, reading))
  }

  // MARK: Playing on

  /// Plays to the end of the run.
  mutating func play(_ answer: (Int, Timestamp) -> Reading = { _, _ in .good }) throws {
    try play(until: { _ in false }, answer)
  }

  /// Goes from one due time to the next, answering effects, until `isThere`, or nothing is left to wait for.
  mutating func play(
    until isThere: (Run) -> Bool, _ answer: (Int, Timestamp) -> Reading = { _, _ in .good }
  ) throws {
    var left = 100_000
    while !isThere(run), !run.hasEnded {
      left -= 1
      guard left > 0 else { throw Missing("an end: it goes on and on") }
      let effect = run.pending.min { $0.notBefore < $1.notBefore }
      let alarm = run.alarm(after: now)
      if let effect, effect.notBefore <= alarm ?? .distantFuture {
        now = max(now, effect.notBefore)
        if case .measure(_, let metric) = effect.work {
          try apply(.measured(effect.id, answer(metric, now)))
        } else {
          try apply(effect.success)
        }
      } else if let alarm {
        now = alarm
        try apply(.timePassed)
      } else {
        throw Missing("anything to wait for")
      }
    }
  }

  struct Missing: Error, CustomStringConvertible {
    var description: String
    init(_ what: String) { description = what }
  }
}

extension Effect {
  var isLook: Bool { if case .measure = work { true } else { false } }

  /// The fact that says it was done.
  var success: Fact {
    switch work {
    case .measure: .measured(id, .good)
    case .setWeight, .setMirror, .setHeaderRoute: .shifted(id)
    case .deploy: .deployed(id)
    case .retire: .retired(id)
    case .switchOff: .switchedOff(id)
    case .check, .cancelCheck: .checked(id, status: 0, output: "")
    case .step, .cancelStep: .performed(id, .passed, output: "")
    }
  }
}

extension Reading {
  static let good = Reading.answer(.number(0.001))
  static let bad = Reading.answer(.number(0.2))
  static let between = Reading.answer(.number(0.03))
  static let nothing = Reading.answer(.list([]))
  static let error = Reading.failure(Failure(.transient, "timeout"))
}

extension Run {
  var hasEnded: Bool { outcome != nil }
  var working: Working? { if case .working(let working) = phase { working } else { nil } }
  var rollback: Rollback? { if case .rollingBack(let rollback) = phase { rollback } else { nil } }

  /// Working at this move of the first stage.
  func isAt(_ move: Int, stage: Int = 0) -> Bool { working.map { $0.stage == stage && $0.move == move } ?? false }
}
