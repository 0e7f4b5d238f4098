package import PipelineModel

extension Run {
  /// Takes in a fact that happened at `now`, and adds what follows from it to `reaction`.
  ///
  /// - Throws: `IllegalTransition` for a fact that cannot be of this run; the run is then unchanged.
  package mutating func apply(
    _ fact: Fact, by principal: Principal = .controller, at now: Timestamp, into reaction: inout Reaction
  ) throws(IllegalTransition) {
    switch fact {
    case .measured(let id, let reading): try measured(id, reading, now, &reaction)
    case .shifted(let id): try done(id, .shifted, now, &reaction)
    case .deployed(let id): try done(id, .deployed, now, &reaction)
    case .retired(let id): try done(id, .retired, now, &reaction)
    case .checked(let id, let status, _): try checked(id, status, now, &reaction)
    case .performed(let id, let end, _): try performed(id, end, now, &reaction)
    case .failed(let id, let failure): try failed(id, failure, now, &reaction)
    case .drifted(let route, let found): try drifted(route, found, now, &reaction)
    case .switchedOff(let id): try switchedOff(id, now, &reaction)
    case .overruled(let route, let found, let because):
      try overruled(route, found, because, now, &reaction)
    case .rebaselined: rebaselined(now, &reaction)
    case .displaced(let route, let extra): try displaced(route, extra, now, &reaction)
    case .timePassed: proceed(now, &reaction)
    case .acted(let act): try acted(act, principal, now, &reaction)
    case .superseded(let run): withdraw(.superseded(by: run), now, &reaction)
    case .refused: break
    case .begun(let stable, let slots, let spent): try begun(stable, slots, spent, now, &reaction)
    case .started: throw IllegalTransition("run \(id) was started already")
    case .controllerStarted, .defined, .incident, .freeze, .flag, .audit:
      throw IllegalTransition("a fact of the store came to run \(id)")
    }
  }

  private mutating func begun(
    _ stable: String?, _ slots: [Slot], _ spent: [String], _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard phase == .waiting else { throw IllegalTransition("run \(id) has begun already") }
    guard slots.count == plan.routes.count else { throw IllegalTransition("run \(id) has other routes") }
    start.stable = stable
    start.slots = slots
    start.spent = spent
    begin(now, &reaction)
  }

  mutating func begin(_ now: Timestamp, _ reaction: inout Reaction) {
    begunAt = now
    enter(stage: 0, background: nil, now, &reaction)
    proceed(now, &reaction)
  }

  private mutating func acted(
    _ act: Act, _ principal: Principal, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    if let refusal = refusal(of: act, by: principal) {
      throw IllegalTransition("run \(id): \(refusal.description)")
    }
    perform(act, principal, now, &reaction)
  }
}
