import PipelineModel
import Synchronization

/// Lets so many calls be under way at a backend, whoever makes them; the others wait, in the order they came.
final class Bulkhead: Sendable {
  private enum Standing {
    /// Has been told to wait, and is about to.
    case coming
    case waiting(CheckedContinuation<Bool, Never>)
    /// Gave up before it waited.
    case gone
  }

  private struct State {
    var free: Int
    var line: [Int: Standing] = [:]
    var last = 0
  }

  private let sleep: @Sendable (Interval) async throws -> Void
  private let state: Mutex<State>

  init(_ places: Int, sleep: @escaping @Sendable (Interval) async throws -> Void) {
    self.sleep = sleep
    state = Mutex(State(free: max(1, places)))
  }

  /// How many wait.
  var waiting: Int { state.withLock(\.line.count) }

  /// Takes a place, which is to be given back by `leave`.
  ///
  /// - Returns: `false`, and no place, when none is free in time, or the caller is cancelled.
  func enter(patience: Interval) async -> Bool {
    guard let number = number() else { return true }
    let late = Task {
      try await sleep(patience)
      withdraw(number)
    }
    defer { late.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { wait(number, $0) }
    } onCancel: {
      withdraw(number)
    }
  }

  /// Gives a place back: to the one who has waited longest, if anybody waits.
  func leave() {
    let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
      for number in state.line.keys.sorted() {
        guard case .waiting(let turn) = state.line[number] else { continue }
        state.line[number] = nil
        return turn
      }
      state.free += 1
      return nil
    }
    next?.resume(returning: true)
  }

  /// `nil`: a place was free, and is taken.
  private func number() -> Int? {
    state.withLock { state in
      if state.free > 0 {
        state.free -= 1
        return nil
      }
      state.last += 1
      state.line[state.last] = .coming
      return state.last
    }
  }

  private func wait(_ number: Int, _ turn: CheckedContinuation<Bool, Never>) {
    let outcome: Bool? = state.withLock { state in
      if case .gone = state.line.removeValue(forKey: number) { return false }
      // One may have become free meanwhile.
      if state.free > 0 {
        state.free -= 1
        return true
      }
      state.line[number] = .waiting(turn)
      return nil
    }
    if let outcome { turn.resume(returning: outcome) }
  }

  /// Harmless for one who has a place by now.
  private func withdraw(_ number: Int) {
    let turn: CheckedContinuation<Bool, Never>? = state.withLock { state in
      switch state.line[number] {
      case .coming: state.line[number] = .gone
      case .waiting(let turn):
        state.line[number] = nil
        return turn
      case .gone, nil: break
      }
      return nil
    }
    turn?.resume(returning: false)
  }
}
