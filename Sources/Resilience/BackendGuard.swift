package import PipelineModel
package import PluginKit
import Synchronization

/// Stands before one backend: a time for each try, tries, a rate, a bulkhead and a breaker for all calls to it.
package final class BackendGuard: Sendable {
  package enum Urgency: Sendable {
    /// Waits its turn, and is refused while the circuit is open.
    case normal
    /// Goes through whatever the state and the rate: taking traffic back must not wait. What comes of it counts.
    case urgent
  }

  private struct State {
    var breaker: Breaker?
    var rate: RateLimit?
    /// What the backend last failed with.
    var reason: String?
    var posted: (state: BackendHealth.State, until: Timestamp?) = (.closed, nil)
  }

  let name: String
  let policy: ResiliencePolicy
  let time: Time
  private let port: BackendKind.Port
  private let board: HealthBoard
  private let state: Mutex<State>
  /// Of providers, which are asked by others too when they stand in; the calls to any other backend keep to lanes.
  private let bulkhead: Bulkhead?

  package init(_ backend: Backend, _ port: BackendKind.Port, time: Time, board: HealthBoard) {
    name = backend.name
    policy = backend.resilience ?? .standard(of: port)
    self.port = port
    self.time = time
    self.board = board
    bulkhead = port == .metrics ? Bulkhead(policy.atOnce, sleep: time.sleep) : nil
    state = Mutex(State(breaker: policy.breaker.map(Breaker.init), rate: policy.rate.map(RateLimit.init)))
  }

  /// Calls the backend once, and keeps to the time one try may take.
  func once<Value: Sendable>(
    _ urgency: Urgency = .normal, within limit: Interval? = nil,
    _ work: @escaping @Sendable () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    try await call(tries: 1, urgency, limit ?? policy.timeout, until: .distantFuture, work)
  }

  /// Calls the backend, and again after a `transient` failure while there are tries and time left: for what is harmless
  /// to ask twice, and nobody else asks again.
  func repeatedly<Value: Sendable>(
    within limit: Interval? = nil, _ work: @escaping @Sendable () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let once = min(policy.timeout, limit ?? policy.timeout)
    return try await call(tries: policy.tries, .normal, once, until: time.now() + policy.deadline, work)
  }

  private func call<Value: Sendable>(
    tries: Int, _ urgency: Urgency, _ limit: Interval, until end: Timestamp,
    _ work: @escaping @Sendable () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    var attempt = 1
    while true {
      let (result, isClosed) = try await withPlace(until: end) { () async throws(Failure) in
        try await tryOnce(urgency, limit, until: end, work)
      }
      guard let failure = result.failure else { return try result.get() }
      // Where the backend says how long it wants to be left alone, it is.
      let pause = max(Pauses.after(attempt, jitter: time.chance()), failure.retryAfter ?? .zero)
      guard failure.kind == .transient, attempt < tries, isClosed, time.now() + pause < end, await rest(pause) else {
        throw told(failure, after: attempt)
      }
      attempt += 1
    }
  }

  /// How many calls wait for a place.
  var waiting: Int { bulkhead?.waiting ?? 0 }

  // MARK: Around a try

  /// - Returns: what came of it, and whether the circuit is closed.
  /// - Throws: when it was not begun.
  private func tryOnce<Value: Sendable>(
    _ urgency: Urgency, _ limit: Interval, until end: Timestamp,
    _ work: @escaping @Sendable () async throws(Failure) -> Value
  ) async throws(Failure) -> (Result<Value, Failure>, isClosed: Bool) {
    let ticket = try admit(urgency)
    if case .normal = urgency { try await keepToRate(ticket, until: end) }
    let result = await result(of: work, within: min(limit, end - time.now()))
    return (result, self.end(ticket, outcome(of: result), result.failure))
  }

  /// Has one of the backend's places meanwhile.
  private func withPlace<Value>(
    until end: Timestamp, _ work: () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    guard let bulkhead else { return try await work() }
    guard await bulkhead.enter(patience: min(end - time.now(), policy.deadline)) else {
      throw Failure(.transient, "\(name): \(policy.atOnce) calls to it are under way, and none ended in time")
    }
    defer { bulkhead.leave() }
    return try await work()
  }

  private func admit(_ urgency: Urgency) throws(Failure) -> Breaker.Ticket? {
    let now = time.now()
    let admission: Result<Breaker.Ticket?, Failure> = state.withLock { state in
      if case .urgent = urgency { return .success(state.breaker?.admitUrgent()) }
      do throws(Breaker.Refusal) {
        let ticket = try state.breaker?.admit(at: now)
        post(&state, now)
        return .success(ticket)
      } catch {
        return .failure(refusal(error, state.reason))
      }
    }
    return try admission.get()
  }

  private func refusal(_ refusal: Breaker.Refusal, _ reason: String?) -> Failure {
    let again = refusal.until.map { "asked again at \($0.clock)" } ?? "being asked again now"
    let last = reason.map { " (it last failed with: \($0))" } ?? ""
    return Failure(.transient, "\(name): circuit open since \(refusal.since.clock), \(again)\(last)")
  }

  private func keepToRate(_ ticket: Breaker.Ticket?, until end: Timestamp) async throws(Failure) {
    let now = time.now()
    let patience = min(end - now, policy.deadline)
    guard let wait = state.withLock({ $0.rate == nil ? .zero : $0.rate?.take(at: now, patience: patience) }) else {
      self.end(ticket, .abandoned)
      throw Failure(.transient, "\(name): more than \(policy.rate ?? 0) calls a second are wanted of it")
    }
    if wait > .zero, await !rest(wait) {
      self.end(ticket, .abandoned)
      throw Failure(.transient, "\(name): given up while waiting for its turn")
    }
  }

  private func result<Value: Sendable>(
    of work: @escaping @Sendable () async throws(Failure) -> Value, within limit: Interval
  ) async -> Result<Value, Failure> {
    do {
      if let value = try await within(limit, work) { return .success(value) }
      return .failure(Failure(.transient, "\(name): no answer within \(limit)"))
    } catch let failure as Failure {
      return .failure(failure)
    } catch {
      return .failure(Failure(.transient, "\(name): given up"))
    }
  }

  private func outcome<Value>(of result: Result<Value, Failure>) -> Breaker.Outcome {
    guard case .failure(let failure) = result, failure.kind == .transient else { return .answered }
    return Task.isCancelled ? .abandoned : .failed
  }

  /// - Returns: whether the circuit is closed.
  @discardableResult
  private func end(_ ticket: Breaker.Ticket?, _ outcome: Breaker.Outcome, _ failure: Failure? = nil) -> Bool {
    guard let ticket else { return true }
    let now = time.now()
    let jitter = time.chance()
    return state.withLock { state in
      if outcome == .failed { state.reason = failure?.message }
      state.breaker?.ended(ticket, outcome, at: now, jitter: jitter)
      post(&state, now)
      if case .closed = state.breaker?.state { return true }
      return false
    }
  }

  /// What a call that failed says: the backend's own words, and what was decided.
  private func told(_ failure: Failure, after attempts: Int) -> Failure {
    var message = failure.message
    if attempts > 1 { message += " (tried \(attempts) times)" }
    if case .open(_, let until, _) = state.withLock({ $0.breaker?.state }) {
      message += "; circuit open now, asked again at \(until.clock)"
    }
    return failure.told(message)
  }

  private func rest(_ pause: Interval) async -> Bool { (try? await time.sleep(pause)) != nil }

  // MARK: The board

  /// Posts what the breaker says when it is not what was posted last. With the state locked.
  private func post(_ state: inout State, _ now: Timestamp) {
    guard let breaker = state.breaker else { return }
    var health = BackendHealth(port: port, name: name, state: .closed, since: now, reason: state.reason)
    switch breaker.state {
    case .closed: break
    case .open(let since, let until, _): (health.state, health.since, health.until) = (.open, since, until)
    case .halfOpen(let since, _): (health.state, health.since) = (.halfOpen, since)
    }
    if health.state == state.posted.state, health.until == state.posted.until { return }
    state.posted = (health.state, health.until)
    board.post(health)
  }
}

extension Result where Failure == PipelineModel.Failure {
  fileprivate var failure: PipelineModel.Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
