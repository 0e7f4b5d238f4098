import Foundation
import Synchronization

/// Ctrl-C and SIGTERM, noticed instead of ending the process.
final class Interrupt: Sendable {
  enum Wish: Sendable {
    /// Ctrl-C: somebody is there, who may be asked.
    case ask
    /// SIGTERM: to leave, without a question.
    case leave
  }

  private let wish = Mutex<Wish?>(nil)

  init() {
    let queue = DispatchQueue(label: "headgate.signals")
    for (number, meaning) in [(SIGINT, Wish.ask), (SIGTERM, Wish.leave), (SIGHUP, Wish.leave)] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      // The handler keeps the source, which is to live as long as the process.
      source.setEventHandler { [weak self] in
        withExtendedLifetime(source) { self?.note(meaning) }
      }
      source.resume()
    }
  }

  private func note(_ meaning: Wish) {
    wish.withLock { if $0 != .leave { $0 = meaning } }
  }

  /// What was wished since the last call.
  func take() -> Wish? {
    wish.withLock { wish in
      defer { wish = nil }
      return wish
    }
  }
}
