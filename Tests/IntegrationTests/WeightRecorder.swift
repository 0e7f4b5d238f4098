import LiveRig
import Synchronization

/// Follows the weight of green in HAProxy and keeps each change.
final class WeightRecorder: Sendable {
  private let seen = Mutex<[Int]>([])
  private let task = Mutex<Task<Void, Never>?>(nil)
  private let shop: Shop

  init(_ shop: Shop) {
    self.shop = shop
    let task = Task { [self] in
      while !Task.isCancelled {
        await look()
        try? await Task.sleep(for: .milliseconds(20))
      }
    }
    self.task.withLock { $0 = task }
  }

  private func look() async {
    guard let weight = try? await shop.weight() else { return }
    seen.withLock { if $0.last != weight { $0.append(weight) } }
  }

  /// Every weight there was, in order, repetitions left out.
  func stop() async -> [Int] {
    let task = task.withLock { $0 }
    task?.cancel()
    await task?.value
    // What came last may have come since the last look.
    await look()
    return seen.withLock { $0 }
  }
}
