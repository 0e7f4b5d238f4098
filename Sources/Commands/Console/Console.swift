import ControlAPI
import Foundation
import Narrative
import PipelineModel

/// Where text goes to people.
struct Console {
  /// Whether standard output is a terminal that moves its cursor.
  static let isTerminal = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  /// `NO_COLOR` is honoured (no-color.org).
  static let hasColor = isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

  enum Style: String {
    case bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36"
  }

  static func styled(_ text: String, _ style: Style) -> String {
    hasColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  static func print(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
  }

  static func error(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
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
