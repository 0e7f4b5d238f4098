import Foundation
import Synchronization

/// Counts Ctrl-C, instead of ending the process.
final class Interrupt: Sendable {
  private let count = Mutex(0)

  init() {
    signal(SIGINT, SIG_IGN)
    signal(SIGTERM, SIG_IGN)
    let queue = DispatchQueue(label: "headgate.signals")
    for number in [SIGINT, SIGTERM] {
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      // The handler keeps the source, which is to live as long as the process.
      source.setEventHandler { [weak self] in
        withExtendedLifetime(source) { self?.count.withLock { $0 += 1 } }
      }
      source.resume()
    }
  }

  /// How often since the last call.
  func take() -> Int {
    count.withLock { count in
      defer { count = 0 }
      return count
    }
  }
}
