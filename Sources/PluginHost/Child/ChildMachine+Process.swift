package import PipelineModel

extension ChildMachine {
  /// It answered `initialize` as it should.
  package mutating func greeted(in life: Int) -> Action {
    guard life == self.life, case .starting(var queue) = state else { return unasked(in: life) }
    var action = Action()
    let first = queue.prefix(limits.calls)
    queue.removeFirst(first.count)
    action.send = Array(first)
    state = .ready(Ready(asked: Set(first), queue: queue))
    return action
  }

  /// It answered `initialize` with an error, not as it should, or not in time.
  package mutating func refused(_ failure: Failure, in life: Int) -> Action {
    guard life == self.life, case .starting = state else { return Action() }
    return end(because: failure)
  }

  /// Whether what a process writes still means anything.
  package func listens(in life: Int) -> Bool {
    guard life == self.life else { return false }
    return switch state {
    case .starting, .ready: true
    case .ending, .resting, .closed: false
    }
  }

  /// A line that answers a call.
  package mutating func answered(_ call: Call, in life: Int) -> Action {
    guard life == self.life, case .ready(var ready) = state else { return Action() }
    guard ready.asked.remove(call) != nil else {
      return unasked(in: life)
    }
    failures = 0
    ready.rubbish = 0
    var action = Action()
    // Late: whoever asked gave up meanwhile.
    if ready.abandoned.remove(call) == nil { action.deliver = call }
    if !ready.queue.isEmpty {
      let next = ready.queue.removeFirst()
      ready.asked.insert(next)
      action.send = [next]
    }
    state = .ready(ready)
    return action
  }

  /// An answer to a call that never was, or a second one.
  private mutating func unasked(in life: Int) -> Action {
    guard life == self.life, case .ready = state else { return Action() }
    var action = rubbish("answers to calls that it was not asked", in: life)
    action.isUnasked = true
    return action
  }

  /// A line that is no answer to anything.
  package mutating func rubbish(_ what: String, in life: Int) -> Action {
    guard life == self.life else { return Action() }
    switch state {
    case .ready(var ready):
      ready.rubbish += 1
      state = .ready(ready)
      guard ready.rubbish >= Self.mostRubbish else { return Action() }
      return end(because: Failure(.transient, "\(name) wrote \(what)"))
    case .starting:
      return end(because: Failure(.misconfigured, "\(name) wrote \(what) before it answered initialize"))
    case .ending, .resting, .closed: return Action()
    }
  }

  /// A line so long that the rest of the conversation is not to be trusted.
  package mutating func overflowed(in life: Int) -> Action {
    guard life == self.life else { return Action() }
    return end(
      because: Failure(
        .rejected, "\(name) wrote a message of more than \(limits.message) bytes; `limits: { message: … }` allows more")
    )
  }

  /// Its process has ended, or could not be made.
  package mutating func ended(_ failure: Failure, in life: Int, at now: Instant) -> Action {
    guard life == self.life else { return Action() }
    var action = Action()
    action.failure = failure
    switch state {
    case .starting(let queue): action.fail = queue
    case .ready(let ready): action.fail = ready.asked.subtracting(ready.abandoned).sorted() + ready.queue
    case .ending(let reason, let calls):
      action.fail = calls.sorted()
      action.failure = reason
    case .resting, .closed: return Action()
    }
    failures += 1
    state = .resting(Rest(until: rest.map { now + .seconds($0) }, failure: action.failure))
    return action
  }

  /// No more processes. The present one is to be shut down.
  package mutating func close() -> Action {
    var action = Action()
    action.failure = Failure(.transient, "\(name) was shut down")
    switch state {
    case .starting(let queue): action.fail = queue
    case .ready(let ready): action.fail = ready.asked.subtracting(ready.abandoned).sorted() + ready.queue
    case .ending(_, let calls): action.fail = calls.sorted()
    case .resting, .closed: break
    }
    state = .closed
    return action
  }

  /// It is to be started anew with the next call, unless it is busy.
  package mutating func retire() -> Action {
    guard case .ready(let ready) = state, ready.asked.isEmpty, ready.queue.isEmpty else { return Action() }
    return end(because: Failure(.transient, "\(name) is being started anew"))
  }

  mutating func end(because failure: Failure) -> Action {
    var calls: Set<Call> = []
    switch state {
    case .starting(let queue): calls = Set(queue)
    case .ready(let ready): calls = ready.asked.subtracting(ready.abandoned).union(ready.queue)
    case .ending, .resting, .closed: return Action()
    }
    state = .ending(failure, calls: calls)
    var action = Action()
    action.isFatal = true
    return action
  }

  /// Seconds: none after the first failure, then 1, 2, 4 … 60.
  private var rest: Int? {
    failures < 2 ? nil : min(Self.longestRest, 1 << min(failures - 2, 10))
  }
}
