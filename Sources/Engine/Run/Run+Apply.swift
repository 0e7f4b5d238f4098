package import PipelineModel

extension Run {
  /// Takes in a fact that happened at `now`, and adds what follows from it to `reaction`.
  ///
  /// - Throws: `IllegalTransition` for a fact that cannot be of this run; the run is then unchanged.
  package mutating func apply(
    _ fact: Fact, by principal: Principal = .controller, at now: Timestamp, into reaction: inout Reaction
  ) throws(IllegalTransition) {
    switch fact {
    case .measured(let id, let reading): measured(id, reading, now, &reaction)
    case .shifted(let id), .deployed(let id), .retired(let id): done(id, now, &reaction)
    case .checked(let id, let status, _): checked(id, status, now, &reaction)
    case .failed(let id, let failure): failed(id, failure, now, &reaction)
    case .drifted(let route, let found): try drifted(route, found, now, &reaction)
    case .timePassed: proceed(now, &reaction)
    case .acted(let act): try acted(act, principal, now, &reaction)
    case .superseded(let run): withdraw(.superseded(by: run), now, &reaction)
    case .refused: break
    case .begun:
      guard phase == .waiting else { throw IllegalTransition("run \(id) has begun already") }
      begin(now, &reaction)
    case .started: throw IllegalTransition("run \(id) was started already")
    case .controllerStarted, .defined: throw IllegalTransition("a fact of the store came to run \(id)")
    }
  }

  mutating func begin(_ now: Timestamp, _ reaction: inout Reaction) {
    begunAt = now
    enter(stage: 0, now, &reaction)
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

  // MARK: Effects

  /// Asks for an effect, now or later, and keeps it until its outcome comes.
  @discardableResult
  mutating func ask(_ work: Effect.Work, at instant: Timestamp, _ reaction: inout Reaction) -> EffectID {
    lastEffect += 1
    let effect = Effect(id: EffectID(lastEffect), work: work, notBefore: instant)
    pending.append(effect)
    reaction.effects.append(effect)
    return effect.id
  }

  /// Takes an effect off the list of those awaited. `nil`: its outcome came late or twice, or was given up.
  mutating func settle(_ id: EffectID, _ reaction: inout Reaction) -> Effect? {
    for index in pending.indices where pending[index].id == id { return pending.remove(at: index) }
    // A race, not a mistake: the run moved on while the backend was answering, or the backend answered twice.
    reaction.decisions.append(.ignored)
    return nil
  }

  /// Gives up every effect that is not to matter any more, and ends commands that run.
  mutating func giveUp(_ reaction: inout Reaction, where isMeant: (Effect.Work) -> Bool = { _ in true }) {
    for effect in pending where isMeant(effect.work) {
      guard case .check = effect.work else { continue }
      reaction.effects.append(Effect(id: effect.id, work: .cancelCheck(effect.id), notBefore: startedAt))
    }
    pending.removeAll { isMeant($0.work) }
  }
}
