import Foundation
import Synchronization

/// A line on a terminal's standard error that says how far long work is; nothing elsewhere.
final class Progress: Sendable {
  private let last = Mutex(ContinuousClock.now)
  private let isShown = isatty(STDERR_FILENO) == 1

  func show(_ done: Int64, of all: Int64) {
    guard isShown, all > 0 else { return }
    let isDue = last.withLock { last in
      guard ContinuousClock.now - last > .milliseconds(100) else { return false }
      last = .now
      return true
    }
    if isDue { write("\r\(done * 100 / all) %  \(done) of \(all)\u{1B}[K") }
  }

  func clear() { if isShown { write("\r\u{1B}[K") } }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
