import Foundation
import Logging
import PluginKit
import Synchronization

/// What a plugin writes on standard error goes to the log: bounded, in one line each, without secrets.
final class PluginLog: Sendable {
  private struct State {
    var secrets: [String] = []
    var last: [String] = []
    var period = ContinuousClock.now
    var lines = 0
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

  /// Values that must not be seen from now on. Longer ones first: one may be part of another.
  func hide(_ values: some Sequence<String>) {
    let values = values.filter { !$0.isEmpty }
    state.withLock { state in
      state.secrets = Set(state.secrets + values).sorted { $0.count > $1.count }
    }
  }

  func hidden(in text: String) -> String {
    state.withLock(\.secrets).reduce(text) { $0.replacing($1, with: "•••") }
  }

  /// The last lines that said something, for the message about its end.
  var lastWords: String { state.withLock(\.last).joined(separator: " / ") }

  /// A line of standard error: a `Wire.Log`, or any text.
  func heard(_ line: [UInt8]) {
    let entry = try? JSONDecoder().decode(Wire.Log.self, from: Data(line))
    let text = hidden(in: (entry?.message ?? String(decoding: line, as: UTF8.self)).excerpt(500))
    guard !text.isEmpty else { return }
    state.withLock { $0.last = $0.last.suffix(2) + [text.excerpt(200)] }
    var facts: Logger.Metadata = ["text": "\(text)"]
    for (name, value) in entry?.facts ?? [:] { facts[name.excerpt(50)] = "\(hidden(in: "\(value)").excerpt(200))" }
    write(entry?.level.level ?? .info, "a plugin says", facts)
  }

  /// Something that is wrong with what a plugin does.
  func note(_ message: Logger.Message, _ line: [UInt8]) {
    write(.warning, message, ["line": "\(hidden(in: String(decoding: line.prefix(300), as: UTF8.self).excerpt(200)))"])
  }

  private func write(_ level: Logger.Level, _ message: Logger.Message, _ facts: Logger.Metadata) {
    switch admit() {
    case .yes: logger.log(level: level, message, metadata: facts)
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
