import Foundation

/// A question on a terminal that a second Ctrl-C answers too.
struct Question {
  let text: String

  enum Answer {
    case line(String)
    /// Interrupted, or the terminal is gone.
    case gone
  }

  /// Waits for a line. `isInterrupted` is asked ten times a second.
  func ask(isInterrupted: () -> Bool) -> Answer {
    Console.print(text)
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    while poll(&descriptor, 1, 100) <= 0 {
      if isInterrupted() { return .gone }
    }
    guard let line = readLine() else { return .gone }
    return .line(line)
  }
}
