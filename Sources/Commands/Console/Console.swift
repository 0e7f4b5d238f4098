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
    let time = since ?? String(sentence.time.rfc3339.dropFirst(11).prefix(8))
    return styled(time, .dim) + "  " + styled(sentence)
  }

  private static func styled(_ sentence: Sentence) -> String {
    switch sentence.tone {
    case .detail: styled(sentence.text, .dim)
    case .plain: sentence.text
    case .good: styled(sentence.text, .green)
    case .warning: styled(sentence.text, .yellow)
    case .bad: styled(sentence.text, .red)
    }
  }
}
