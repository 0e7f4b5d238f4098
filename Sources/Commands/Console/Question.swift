import Foundation

/// A question on a terminal that a second Ctrl-C answers too, and that other things may overtake.
struct Question {
  let text: String

  enum Answer {
    case line(String)
    /// Interrupted, or the terminal is gone.
    case gone
    /// It is of no use any more.
    case overtaken
  }

  /// What is seen while the terminal waits for an answer.
  enum Meanwhile {
    /// Nothing was printed.
    case quiet
    /// Something was printed below the question.
    case printed
    case interrupted
    case overtaken
  }

  /// Waits for a line. What goes on meanwhile is asked for ten times a second; the question is put again below whatever
  /// was printed.
  func ask(meanwhile: () throws -> Meanwhile) rethrows -> Answer {
    Console.print(text)
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    while poll(&descriptor, 1, 100) <= 0 {
      switch try meanwhile() {
      case .quiet: break
      case .printed: Console.print(text)
      case .interrupted: return .gone
      case .overtaken: return .overtaken
      }
    }
    guard let line = readLine() else { return .gone }
    return .line(line)
  }
}
