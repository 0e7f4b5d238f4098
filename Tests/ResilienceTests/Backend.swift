import PipelineModel
import PluginKit
import Synchronization

/// A provider that says what it is told to say, and counts.
final class ScriptedProvider: MetricProvider {
  enum Step: Sendable {
    case answer(Double)
    case fail(Failure.Kind, String)
    case busy(Interval)
    /// Waits until the door is opened, then answers.
    case wait(Door, Double)
    /// Never answers; ends when cancelled.
    case hang
  }

  private struct State {
    var steps: [Step]
    var asked: [MetricQuery] = []
    var cancelled = 0
  }

  private let state: Mutex<State>

  /// - Parameter steps: one for each call; the last one for all that come after it.
  init(_ steps: Step...) { state = Mutex(State(steps: steps)) }

  var asked: [MetricQuery] { state.withLock(\.asked) }
  var cancelled: Int { state.withLock(\.cancelled) }

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    let step = state.withLock { state in
      state.asked.append(query)
      return state.steps.count > 1 ? state.steps.removeFirst() : state.steps[0]
    }
    switch step {
    case .answer(let value): return .number(value)
    case .fail(let kind, let message): throw Failure(kind, message)
    case .busy(let pause): throw Failure(.transient, "too many requests", retryAfter: pause)
    case .wait(let door, let value):
      await door.pass()
      return .number(value)
    case .hang:
      try? await Task.sleep(for: .seconds(3600))
      state.withLock { $0.cancelled += 1 }
      throw Failure(.transient, "cancelled")
    }
  }
}

/// Holds whoever comes until it is opened.
final class Door: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }
  private let state = Mutex(State())

  func pass() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// How many stand before it.
  var waiting: Int { state.withLock(\.waiting.count) }
}

/// Polls until a condition holds; gives up after a minute.
func eventually(_ condition: () -> Bool) async -> Bool {
  let end = ContinuousClock.now + .seconds(60)
  while ContinuousClock.now < end {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(2))
  }
  return condition()
}

func query(_ text: String = "q", at now: Timestamp, look: MetricQuery.Look? = nil) -> MetricQuery {
  MetricQuery(metric: "errors", text: text, at: now, look: look)
}
