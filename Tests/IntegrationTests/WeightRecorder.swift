import LiveRig
import Synchronization

/// Follows the weight of green in HAProxy and keeps each change.
final class WeightRecorder: Sendable {
  private let seen = Mutex<[Int]>([])
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(_ shop: Shop) {
    let task = Task { [self] in
      while !Task.isCancelled {
        if let weight = try? await shop.weight() { note(weight) }
        try? await Task.sleep(for: .milliseconds(20))
      }
    }
    self.task.withLock { $0 = task }
  }

  private func note(_ weight: Int) {
    seen.withLock { if $0.last != weight { $0.append(weight) } }
  }

  /// Every weight there was, in order, repetitions left out.
  func stop() async -> [Int] {
    let task = task.withLock { $0 }
    task?.cancel()
    await task?.value
    return seen.withLock { $0 }
  }
}
