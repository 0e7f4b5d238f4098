import Engine
import HeapModule
import PipelineModel

extension Simulator {
  mutating func happen(_ index: Int) {
    for happening in scenario.events[index].happenings {
      world.happen(happening, at: now)
      switch happening {
      case .act(let act): isDown ? waitingActs.append(act) : perform(act)
      case .crash(let downtime): crash(downtime)
      case .clockJump(let jump): pendingOffset = pendingOffset + jump
      case .router(_, .forget, _): scheduleLook()
      case .flag(let key, let fault, _): isDown ? waitingFlags.append((key, fault)) : changed(key, fault)
      case .canary, .stable, .traffic, .provider, .router, .deployer, .check, .step: break
      }
    }
  }

  /// Things that are to happen at a weight happen once, when a route first has it.
  mutating func fireWeightEvents() {
    guard firedWeightEvents.count < scenario.events.count, let highest = world.weights.max() else { return }
    for (index, event) in scenario.events.enumerated() where !firedWeightEvents.contains(index) {
      guard case .weight(let weight, let after) = event.trigger, highest >= weight else { continue }
      firedWeightEvents.insert(index)
      push(now + after, .scenario, index)
    }
  }

  /// Things that are to happen when a flag is switched off.
  mutating func fireOffEvents(_ key: String) {
    guard world.flagsOff.contains(key) else { return }
    for (index, event) in scenario.events.enumerated() where !firedWeightEvents.contains(index) {
      guard case .switchedOff(key, let after) = event.trigger else { continue }
      firedWeightEvents.insert(index)
      push(now + after, .scenario, index)
    }
  }

  /// Somebody else has changed a flag; the controller, by whom every change goes, tells the run at once.
  private mutating func changed(_ key: String, _ fault: ScenarioEvent.FlagFault) {
    guard fault != .refuse else { return }
    for (index, route) in plan.routes.enumerated() where route.isFlag && route.route == key {
      guard run.outcome == nil, run.routes[index].wanted != nil else { continue }
      let found: Weight? = fault == .killed ? Weight.none : nil
      apply(.overruled(route: index, found: found, because: "\(fault.rawValue) by a person of the scenario"))
    }
  }

  private mutating func perform(_ human: HumanAct) {
    let person = Principal.person(human.by)
    let act = human.act
    if let refusal = run.refusal(of: act, by: person) {
      apply(.refused(act, because: refusal.description), by: person, reason: human.reason)
    } else {
      apply(.acted(act), by: person, reason: human.reason)
    }
  }

  mutating func readBack() {
    isLookDue = false
    guard case .working = run.phase else { return }
    for (index, route) in run.routes.enumerated() {
      for extra in route.extras where route.isConfirmed(extra) && isWrong(extra, of: index) {
        apply(.displaced(route: index, extra))
      }
      guard !plan.routes[index].isFlag, let wanted = route.wanted, world.weights[index] != wanted else { continue }
      if route.confirmed { apply(.drifted(route: index, found: world.weights[index])) }
    }
    // Controllers look every five seconds; only while a weight is wrong can a look find anything.
    if hasWrongWeight { scheduleLook() }
  }

  private mutating func scheduleLook() {
    if isLookDue { return }
    isLookDue = true
    push(now + .seconds(5), .readBack)
  }

  private var hasWrongWeight: Bool {
    run.routes.indices.contains { index in
      !plan.routes[index].isFlag && run.routes[index].wanted.map { $0 != world.weights[index] } ?? false
    }
      || run.routes.indices.contains { index in run.routes[index].extras.contains { isWrong($0, of: index) } }
  }

  private func isWrong(_ extra: Extra, of route: Int) -> Bool {
    switch extra {
    case .mirror: world.mirrors[route] != run.routes[route].mirror
    case .headerRoute: world.headers[route] != run.routes[route].header
    }
  }

  // MARK: Crashes

  /// The controller is gone: what it had in memory, and every answer that is on its way.
  private mutating func crash(_ downtime: Interval) {
    generation &+= 1
    isDown = true
    answers.removeAll()
    alarm = nil
    isLookDue = false
    push(now + downtime, .restart)
    // What is on its way in the scenario is not the controller's, and stays.
    let kept = queue.unordered.filter { coming in
      switch coming.what {
      case .scenario, .restart: true
      case .effect, .answer, .alarm, .readBack: false
      }
    }
    queue = .init(kept)
  }

  /// A new controller folds the journal, and goes on with what was pending.
  mutating func restart() {
    guard isDown else { return }
    isDown = false
    clockOffset = max(pendingOffset, (entries.last?.time ?? now) - now)
    let before = run
    refold()
    if !run.isSame(as: before) { watch.violations.append("a replay of the journal reaches another state") }
    for effect in run.pending {
      push(max(now, real(effect.notBefore)), .effect, effect.id.number)
    }
    // What the run wanted to be woken at when it last looked at the time, also if that has passed meanwhile.
    alarm = run.alarm(after: entries.last?.time ?? perceived).map { max(now, real($0)) }
    if let alarm { push(alarm, .alarm) }
    scheduleLook()
    let acts = waitingActs
    waitingActs = []
    for act in acts { perform(act) }
    let changes = waitingFlags
    waitingFlags = []
    for change in changes { changed(change.key, change.fault) }
  }

  private mutating func refold() {
    guard let first = entries.first, case .started(let start) = first.fact else { return }
    var ignored = Reaction()
    run = Run(id: run.id, plan: plan, start: start, by: first.actor, at: first.time, into: &ignored)
    for entry in entries.dropFirst() {
      ignored.clear()
      do {
        try run.apply(entry.fact, by: entry.actor, at: entry.time, into: &ignored)
      } catch {
        watch.violations.append("entry \(entry.sequence) cannot be replayed: \(error)")
      }
    }
  }
}

extension HumanAct {
  var act: Act {
    switch kind {
    case .approve: .approve(roles: roles)
    case .reject: .reject
    case .pause: .pause
    case .resume: .resume
    case .promote: .promote(all ? .all : .step)
    case .abort: .abort
    case .rollback: .rollback
    }
  }
}

extension Run {
  /// Whether two folds of one journal agree.
  func isSame(as other: Run) -> Bool {
    // A NaN that was measured is not equal to itself, and says the same of itself.
    (phase == other.phase || "\(phase)" == "\(other.phase)")
      && pending == other.pending && routes == other.routes && paused == other.paused && unguarded == other.unguarded
      && deployments == other.deployments && switchedOff == other.switchedOff
  }
}
