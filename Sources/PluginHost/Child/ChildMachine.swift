package import PipelineModel

/// What is known of the child process that serves one backend, and of the calls to it. It never acts: every event is a
/// method that says what is to be done.
///
/// A child has lives: each process is one. Events name the life they come from, since those of an ended process may
/// arrive when the next one runs already; such late ones are ignored.
package struct ChildMachine: Equatable, Sendable {
  package typealias Call = Int
  package typealias Instant = ContinuousClock.Instant

  enum State: Equatable {
    /// No process. → starting, closed
    case resting(Rest)
    /// The process is being made, or has not answered `initialize`; calls wait. → ready, ending, resting, closed
    case starting(queue: [Call])
    /// → ending, resting, closed
    case ready(Ready)
    /// The process is being ended by force, and what it was asked fails with that reason. → resting, closed
    case ending(Failure, calls: Set<Call>)
    /// For good.
    case closed
  }

  struct Rest: Equatable {
    /// Not to be started again before then; `nil`: at once.
    var until: Instant?
    var failure: Failure?
  }

  struct Ready: Equatable {
    /// Asked and not answered.
    var asked: Set<Call> = []
    /// Of those, the ones nobody waits for any more; they must still be answered.
    var abandoned: Set<Call> = []
    /// To be asked when others are answered.
    var queue: [Call] = []
    /// Lines that are no answer, since the last one that is.
    var rubbish = 0
  }

  /// What is to be done about an event, in this order.
  package struct Action: Equatable, Sendable {
    /// Begin this life.
    package var begin: Int?
    package var deliver: Call?
    /// What was answered is no call that waits: it never was, or was answered before.
    package var isUnasked = false
    package var send: [Call] = []
    /// Tell the plugin that nobody waits, and come back with `graceOver` later.
    package var cancel: Call?
    package var fail: [Call] = []
    package var failure: Failure?
    /// End the process by force.
    package var isFatal = false
    package init() {}
  }

  /// As messages name it.
  let name: String
  let limits: PluginLimits
  var state = State.resting(Rest())
  /// The number of the present process, or of the last one.
  private(set) var life = 0
  /// Processes in a row that ended before they had answered anything.
  var failures = 0

  /// Lines that are no answer, after which a process is given up.
  static let mostRubbish = 20
  /// Calls that may wait for others to be answered.
  static let longestQueue = 1000
  static let longestRest = 60

  package init(name: String, limits: PluginLimits) {
    self.name = name
    self.limits = limits
  }

  // MARK: Calls

  package mutating func called(_ call: Call, at now: Instant) -> Action {
    var action = Action()
    switch state {
    case .resting(let rest):
      if let until = rest.until, now < until {
        action.fail = [call]
        action.failure = refusal(rest, until, now)
        return action
      }
      life += 1
      state = .starting(queue: [call])
      action.begin = life
    case .starting(var queue):
      guard queue.count < Self.longestQueue else { return refuseForLength(call) }
      queue.append(call)
      state = .starting(queue: queue)
    case .ready(var ready):
      if ready.asked.count < limits.calls {
        ready.asked.insert(call)
        action.send = [call]
      } else {
        guard ready.queue.count < Self.longestQueue else { return refuseForLength(call) }
        ready.queue.append(call)
      }
      state = .ready(ready)
    case .ending(let failure, _):
      action.fail = [call]
      action.failure = Failure(.transient, "\(name) is being ended: \(failure.message)")
    case .closed:
      action.fail = [call]
      action.failure = Failure(.transient, "\(name) was shut down")
    }
    return action
  }

  /// Nobody waits for the call any more.
  package mutating func gaveUp(_ call: Call) -> Action {
    var action = Action()
    switch state {
    case .starting(let queue): state = .starting(queue: queue.filter { $0 != call })
    case .ready(var ready):
      ready.queue.removeAll { $0 == call }
      if ready.asked.contains(call) {
        ready.abandoned.insert(call)
        action.cancel = call
      }
      state = .ready(ready)
    case .ending(let failure, var calls):
      calls.remove(call)
      state = .ending(failure, calls: calls)
    case .resting, .closed: break
    }
    return action
  }

  /// A call that was given up has had its time to be answered.
  package mutating func graceOver(_ call: Call, in life: Int) -> Action {
    guard life == self.life, case .ready(let ready) = state, ready.abandoned.contains(call) else { return Action() }
    return end(because: Failure(.transient, "\(name) answered neither a call nor its cancellation"))
  }

  private func refuseForLength(_ call: Call) -> Action {
    var action = Action()
    action.fail = [call]
    action.failure = Failure(.transient, "\(name) has \(Self.longestQueue) calls waiting")
    return action
  }

  private func refusal(_ rest: Rest, _ until: Instant, _ now: Instant) -> Failure {
    let seconds = max(1, Int((until - now).components.seconds))
    let reason = rest.failure ?? Failure(.transient, "\(name) ended")
    return reason.told("\(reason.message); it is started again in \(seconds) s at the earliest")
  }
}
