import PipelineModel
import PluginKit
import Synchronization

/// A question under way, with those who wait for its answer. It is given up when the last of them is.
final class Flight: Sendable {
  private typealias Waiter = CheckedContinuation<Result<Sample, Failure>, Never>

  private struct State {
    /// Those that have joined and are not gone.
    var expected = 1
    var waiters: [Int: Waiter] = [:]
    /// Those that left before they had begun to wait.
    var left: Set<Int> = []
    var lastWaiter = 0
    var task: Task<Void, Never>?
    var result: Result<Sample, Failure>?
  }

  private let state = Mutex(State())
  private static let givenUp = Failure(.transient, "given up while waiting for an answer")

  /// How many have joined and are not gone.
  var expected: Int { state.withLock(\.expected) }

  /// Begins the question; `landed` is told its result before anybody else is.
  func start(_ ask: @escaping SharedAnswers.Ask, landed: @escaping @Sendable (Result<Sample, Failure>) -> Void) {
    let task = Task {
      let result: Result<Sample, Failure>
      do throws(Failure) { result = .success(try await ask()) } catch { result = .failure(error) }
      landed(result)
      land(result)
    }
    state.withLock { if $0.expected > 0 { $0.task = task } else { task.cancel() } }
  }

  /// `false`: everybody has left, and it is being given up.
  func join() -> Bool {
    state.withLock { state in
      if state.expected == 0, state.result == nil { return false }
      state.expected += 1
      return true
    }
  }

  /// Once for each that started or joined.
  func result() async throws(Failure) -> Sample {
    let number = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { wait(number, $0) }
    } onCancel: {
      leave(number)
    }
    return try result.get()
  }

  private func wait(_ number: Int, _ waiter: Waiter) {
    let result: Result<Sample, Failure>? = state.withLock { state in
      if let result = state.result { return result }
      if state.left.remove(number) != nil { return .failure(Self.givenUp) }
      state.waiters[number] = waiter
      return nil
    }
    if let result { waiter.resume(returning: result) }
  }

  private func leave(_ number: Int) {
    let waiter: Waiter? = state.withLock { state in
      if state.result != nil { return nil }
      state.expected -= 1
      if state.expected == 0 { state.task?.cancel() }
      if let waiter = state.waiters.removeValue(forKey: number) { return waiter }
      state.left.insert(number)
      return nil
    }
    waiter?.resume(returning: .failure(Self.givenUp))
  }

  private func land(_ result: Result<Sample, Failure>) {
    let waiters = state.withLock { state in
      state.result = result
      defer { state.waiters = [:] }
      return state.waiters.sorted { $0.key < $1.key }.map(\.value)
    }
    for waiter in waiters { waiter.resume(returning: result) }
  }
}
