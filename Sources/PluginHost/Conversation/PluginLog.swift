import Foundation
import Logging
import PluginKit
import Synchronization

/// What a plugin writes on standard error goes to the log: bounded, in one line each, without secrets.
final class PluginLog: Sendable {
  private struct State {
    var secrets = HiddenSecrets()
    /// Lines as they came: what nobody will read costs next to nothing.
    var last: [[UInt8]] = []
    var period = ContinuousClock.now
    var lines = 0
    var notes = 0
    var hasLeaked = false
  }

  private let logger: Logger
  private let state = Mutex(State())

  /// Lines of one plugin that are kept in a minute.
  static let linesPerMinute = 200

  init(plugin: String, backend: String) {
    var logger = Logger(label: "headgate.plugin")
    logger[metadataKey: "plugin"] = "\(plugin)"
    logger[metadataKey: "backend"] = "\(backend)"
    self.logger = logger
  }

  /// Values that must not be seen from now on, and each of their lines, since what a plugin says comes by the line.
  func hide(_ values: some Sequence<String>) {
    let lines = values.flatMap { [$0] + $0.split(whereSeparator: \.isNewline).map(String.init) }
    state.withLock { $0.secrets = $0.secrets.with(lines) }
  }

  func hidden(in text: String) -> String { state.withLock(\.secrets).hidden(in: text) }

  /// The last lines that said something, for the message about its end.
  var lastWords: String {
    let words = state.withLock(\.last).map { hidden(in: Self.entry($0).message).excerpt(200) }
    return words.filter { !$0.isEmpty }.joined(separator: " / ")
  }

  /// How often something was wrong with what it does.
  var notes: Int { state.withLock(\.notes) }

  /// Whether a secret was among what it logged.
  var hasLeaked: Bool { state.withLock(\.hasLeaked) }

  /// A line of standard error: a `Wire.Log`, or any text.
  func heard(_ line: [UInt8]) {
    if line.isEmpty { return }
    state.withLock { state in
      if state.last.count == 3 { state.last.removeFirst() }
      state.last.append(line)
    }
    write { [self] in
      let entry = Self.entry(line)
      let text = String(decoding: line, as: UTF8.self)
      state.withLock { state in
        if state.secrets.isSeen(in: text) { state.hasLeaked = true }
      }
      var facts: Logger.Metadata = ["text": "\(hidden(in: entry.message).excerpt(500))"]
      for (name, value) in entry.facts ?? [:] { facts[name.excerpt(50)] = "\(hidden(in: "\(value)").excerpt(200))" }
      logger.log(level: entry.level.level, "a plugin says", metadata: facts)
    }
  }

  private static func entry(_ line: [UInt8]) -> Wire.Log {
    if line.first == UInt8(ascii: "{"), let entry = try? JSONDecoder().decode(Wire.Log.self, from: Data(line)) {
      return entry
    }
    return Wire.Log(level: .info, message: String(decoding: line, as: UTF8.self))
  }

  /// Something that is wrong with what a plugin does.
  func note(_ message: Logger.Message, _ line: [UInt8]) {
    state.withLock { $0.notes += 1 }
    write { [self] in
      let text = hidden(in: String(decoding: line, as: UTF8.self)).excerpt(200)
      logger.warning(message, metadata: ["line": "\(text)"])
    }
  }

  private func write(_ entry: () -> Void) {
    switch admit() {
    case .yes: entry()
    case .last: logger.warning("a plugin says too much; the rest of this minute is left out")
    case .no: break
    }
  }

  private enum Admission { case yes, last, no }

  private func admit() -> Admission {
    state.withLock { state in
      if ContinuousClock.now - state.period > .seconds(60) {
        state.period = .now
        state.lines = 0
      }
      state.lines += 1
      return state.lines < Self.linesPerMinute ? .yes : state.lines == Self.linesPerMinute ? .last : .no
    }
  }
}

extension Wire.Log.Level {
  fileprivate var level: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}
