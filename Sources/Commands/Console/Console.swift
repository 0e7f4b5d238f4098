import ControlAPI
import Foundation
import Narrative
import PipelineModel
import Synchronization

/// Where text goes to people.
struct Console {
  /// Whether standard output is a terminal that moves its cursor.
  static let isTerminal = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  /// `NO_COLOR` is honoured (no-color.org).
  static let hasColor = isTerminal && wantsColor
  private static let hasColorInErrors = isatty(STDERR_FILENO) == 1 && wantsColor
  private static let wantsColor =
    ProcessInfo.processInfo.environment["TERM"] != "dumb"
    && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

  /// Of the terminal.
  static var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20, size.ws_row > 4 else {
      return (120, 40)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  enum Style: String {
    case bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36"
  }

  static func styled(_ text: String, _ style: Style) -> String { styled(text, style, hasColor) }

  /// For standard error.
  static func styledForErrors(_ text: String, _ style: Style) -> String { styled(text, style, hasColorInErrors) }

  private static func styled(_ text: String, _ style: Style, _ hasColor: Bool) -> String {
    hasColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  static func print(_ text: String) { write(text + "\n") }

  /// To standard output, as it is. When it cannot be written the command ends, unless it `outlivesReaders`.
  static func write(_ text: String) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      if isNeeded.withLock(\.self) { return }
      Console.error("headgate: standard output cannot be written: \(error.localizedDescription)")
      exit(2)
    }
  }

  /// From now on this process has more to do than to print: it goes on when whoever reads has gone.
  static func outliveReaders() {
    signal(SIGPIPE, SIG_IGN)
    isNeeded.withLock { $0 = true }
  }

  private static let isNeeded = Mutex(false)

  static func error(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
  }

  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// One value a line, for streams.
  static func jsonLine(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// `13:05:00  gate passed: …`
  static func line(_ sentence: Sentence, since: String? = nil) -> String {
    styled(since ?? time(sentence), .dim) + "  " + styled(sentence.text, sentence.tone)
  }

  /// The same broken between words, so that it stays within `width` where words allow.
  static func lines(_ sentence: Sentence, width: Int) -> [String] {
    let time = time(sentence)
    let indent = String(repeating: " ", count: time.count)
    return sentence.text.broken(at: max(20, width - time.count - 3)).enumerated().map { index, part in
      styled(index == 0 ? time : indent, .dim) + "  " + styled(part, sentence.tone)
    }
  }

  private static func time(_ sentence: Sentence) -> String { String(sentence.time.rfc3339.dropFirst(11).prefix(8)) }

  private static func styled(_ text: String, _ tone: Sentence.Tone) -> String {
    switch tone {
    case .detail, .output: styled(text, .dim)
    case .plain: text
    case .good: styled(text, .green)
    case .warning: styled(text, .yellow)
    case .bad: styled(text, .red)
    }
  }
}

extension String {
  /// In lines of at most `width` characters where words are not longer.
  fileprivate func broken(at width: Int) -> [String] {
    split(separator: " ", omittingEmptySubsequences: false).reduce(into: [String]()) { lines, word in
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
  }
}
