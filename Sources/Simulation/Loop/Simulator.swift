package import Engine
import HeapModule
package import PipelineModel

/// One run of a pipeline in a world, in virtual time, by the engine that drives production.
///
/// A loop over a queue of what is to come: no clock, no threads, no I/O. The same scenario and seed give the same journal,
/// byte for byte.
package struct Simulator {
  let scenario: Scenario
  let plan: Plan
  package internal(set) var world: World
  package internal(set) var run: Run
  var reaction = Reaction()
  var now: Timestamp
  var queue = Heap<Coming>()
  var lastOrder = 0
  var generation: Int16 = 0
  var answers = Answers()
  var alarm: Timestamp?
  var isLookDue = false
  /// Set while the controller is down; what people ask meanwhile waits for it.
  var isDown = false
  var waitingActs: [HumanAct] = []
  /// Flags that others changed meanwhile.
  var waitingFlags: [(key: String, fault: ScenarioEvent.FlagFault)] = []
  var firedWeightEvents: Set<Int> = []
  /// Added to the virtual clock by jumps of the wall clock; counts from the next restart of the controller.
  var clockOffset = Interval.zero
  var pendingOffset = Interval.zero
  let keepsJournal: Bool
  package internal(set) var entries: [Entry] = []
  var watch = Watchman()

  /// Simulations begin at this instant.
  package static let epoch = Timestamp(milliseconds: 1_767_225_600_000)
  /// A run that needs more facts than this is taken not to end.
  static let mostFacts = 2_000_000

  /// - Parameters:
  ///   - parameters: bound to the pipeline, `version` among them.
  ///   - keepsJournal: whether every entry is kept; needed for time lines and for crashes.
  package init(
    _ scenario: Scenario, plan: Plan, parameters: [Start.Binding], seed: UInt64? = nil, keepsJournal: Bool = true
  ) {
    self.scenario = scenario
    self.plan = plan
    self.keepsJournal = keepsJournal || scenario.hasCrash
    let seed = seed ?? scenario.seed
    world = World(scenario.world, plan: plan, seed: seed)
    now = Self.epoch
    let ramp = plan.isRamp ? plan.pipeline.ramp(at: 0) : nil
    let given = parameters.first { $0.name == "version" && !$0.value.isEmpty }?.value
    let start = Start(
      pipeline: plan.pipeline.name, target: plan.pipeline.target,
      version: given ?? ramp?.version ?? "candidate", stable: scenario.stable ?? ramp?.stable ?? "stable",
      parameters: parameters, slots: plan.routes.map { _ in .green }, seed: seed, change: scenario.change,
      spent: scenario.spent)
    run = Run(id: RunID(1), plan: plan, start: start, by: .person("simulation"), at: now, into: &reaction)
    for (index, event) in scenario.events.enumerated() {
      if case .at(let after) = event.trigger { push(Self.epoch + after, .scenario, index) }
    }
    record(.started(start), by: .person("simulation"))
  }

  /// Runs to the end.
  package mutating func simulate() -> SimulationResult {
    settleReaction(.started(run.start))
    while let coming = queue.popMin(), run.outcome == nil || isDown {
      advance(to: coming.at)
      meet(coming)
      if watch.facts > Self.mostFacts { break }
    }
    return result
  }

  /// Takes one thing that has come.
  private mutating func meet(_ coming: Coming) {
    switch coming.what {
    case .effect: if coming.generation == generation, !isDown { perform(EffectID(Int(coming.index))) }
    case .answer:
      if coming.generation == generation, let fact = answers.take(coming.index) { apply(fact) }
    case .alarm: if coming.generation == generation, !isDown, alarm == now { apply(.timePassed) }
    case .scenario: happen(Int(coming.index))
    case .readBack: if !isDown { readBack() }
    case .restart: restart()
    }
  }

  /// Does an effect that is due, unless it was given up meanwhile.
  private mutating func perform(_ id: EffectID) {
    guard let index = run.pending.firstIndex(where: { $0.id == id }) else { return }
    let effect = run.pending[index]
    if case .measure(let site, let metric) = effect.work { return measure(id, site, metric) }
    guard let reply = world.perform(effect, interval: .zero, at: now) else { return }
    if case .setWeight(let route, let weight) = effect.work, world.weights[route] == weight {
      watch.saw(weight, plan, route)
      fireWeightEvents()
    }
    if case .switchOff(let stage) = effect.work { fireOffEvents(plan.pipeline.stages[stage].switchesOff?.route ?? "") }
    hear(reply.fact, after: reply.delay)
  }

  /// As `World.perform` does it; most of what happens is this.
  private mutating func measure(_ id: EffectID, _ site: GateSite, _ metric: Int) {
    let interval = plan.pipeline.metrics[metric].interval ?? run.horizon.every(at: site) ?? .zero
    let (reading, delay) = world.measure(metric, interval: interval, at: now)
    hear(.measured(id, reading), after: delay)
  }

  private mutating func hear(_ fact: Fact, after delay: Interval) {
    if delay == .zero { return apply(fact) }
    push(now + delay, .answer, Int(answers.put(fact)))
  }

  /// Gives the engine a fact, writes it down, and queues what follows.
  mutating func apply(_ fact: Fact, by principal: Principal = .controller, reason: String? = nil) {
    reaction.clear()
    do {
      try run.apply(fact, by: principal, at: perceived, into: &reaction)
    } catch {
      watch.violations.append("the engine refused its own world's fact: \(error)")
      return
    }
    record(fact, by: principal, reason: reason)
    settleReaction(fact)
  }

  private mutating func settleReaction(_ fact: Fact) {
    watch.check(fact, reaction.decisions, plan, world.weights)
    if let outcome = run.outcome { watch.left(world.mirrors, world.headers, plan, at: outcome) }
    // The end of a command or step changes nothing in the world, and nothing comes back of it.
    for effect in reaction.effects {
      switch effect.work {
      case .cancelCheck, .cancelStep: continue
      case .measure, .setWeight, .setMirror, .setHeaderRoute, .deploy, .retire, .check, .switchOff, .step: break
      }
      push(max(now, real(effect.notBefore)), .effect, effect.id.number)
    }
    let next = run.horizon.alarm(after: perceived, awaiting: run.pending).map(real)
    if next != alarm {
      alarm = next
      if let next { push(next, .alarm) }
    }
  }

  private mutating func record(_ fact: Fact, by principal: Principal, reason: String? = nil) {
    guard keepsJournal else { return }
    entries.append(
      Entry(
        sequence: Int64(entries.count + 1), time: perceived, run: run.id, previous: Int64(entries.count),
        actor: principal, origin: "simulation", reason: reason, fact: fact, decisions: reaction.decisions))
  }

  // MARK: Time

  /// What the controller takes the time to be.
  var perceived: Timestamp { now + clockOffset }

  /// When, in the world's time, the controller will take it to be `instant`.
  func real(_ instant: Timestamp) -> Timestamp {
    Timestamp(milliseconds: instant.milliseconds - clockOffset.milliseconds)
  }

  private mutating func advance(to instant: Timestamp) {
    guard instant > now else { return }
    watch.passed(instant - now, traffic: world.traffic, world.weights)
    now = instant
  }

  mutating func push(_ at: Timestamp, _ what: Coming.What, _ index: Int = 0) {
    lastOrder += 1
    queue.insert(
      Coming(at: at, order: lastOrder, index: Int32(index), generation: generation, what: what))
  }
}

extension Scenario {
  fileprivate var hasCrash: Bool {
    events.contains { $0.happenings.contains { if case .crash = $0 { true } else { false } } }
  }
}
