package import Engine
package import PipelineModel
import Synchronization

/// Something that has come in and is not yet written down.
package enum Inbound: Sendable {
  case fact(RunID, Fact)
  /// From another process, by way of the store.
  case request(Request)
  /// Of the journal itself, by this controller.
  case audit(AuditFact)
}

/// Where everything comes in: any thread puts, one thread takes.
///
/// What waits is bounded by what was asked: every backend call brings one fact, and a route is asked once at a time.
package final class Inbox: Sendable {
  private struct State {
    var waiting: [Inbound] = []
    /// The taker sleeps, and is to be woken.
    var isAwaited = false
    var isClosed = false
  }

  private let state = Mutex(State())
  private let bell = Bell()

  package init() {}

  package func put(_ inbound: Inbound) {
    let isAwaited = state.withLock { state in
      state.waiting.append(inbound)
      defer { state.isAwaited = false }
      return state.isAwaited
    }
    if isAwaited { bell.ring() }
  }

  /// Makes the taker return, now and from now on.
  package func close() {
    state.withLock { $0.isClosed = true }
    bell.ring()
  }

  /// Exchanges `inbound`, which is thrown away, for all that has come, in its order; waits for something to come for at
  /// most `patience`.
  ///
  /// - Returns: `false` once the inbox is closed.
  package func take(into inbound: inout [Inbound], patience: Duration) -> Bool {
    inbound.removeAll(keepingCapacity: true)
    guard takeReady(&inbound, orAwait: patience > .zero) else { return false }
    if !inbound.isEmpty || patience <= .zero { return true }
    // What comes just as the patience ends leaves the bell rung; then the next wait returns early, and with nothing.
    bell.wait(atMost: patience)
    return takeReady(&inbound, orAwait: false)
  }

  /// - Parameter waits: whether the caller is going to sleep when there is nothing.
  private func takeReady(_ inbound: inout [Inbound], orAwait waits: Bool) -> Bool {
    state.withLock { state in
      if state.isClosed { return false }
      swap(&state.waiting, &inbound)
      state.isAwaited = waits && inbound.isEmpty
      return true
    }
  }
}
