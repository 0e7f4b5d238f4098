// A notifier for Headgate that keeps a logbook in Markdown for each service. README.md says how to use it.
//
// Headgate writes one JSON message a line to standard input and reads one answer a line from standard output; what goes
// to standard error is logged.
import Foundation

// MARK: The protocol

/// Why a call was not done: a code that says what kind of failure it is, and one line for people.
struct Refusal: Error, Encodable {
  static let transient = -32001
  static let misconfigured = -32003
  static let noMethod = -32601
  static let badParams = -32602

  var code: Int
  var message: String
}

/// What every message has; the params are read when the method is known.
struct Request: Decodable {
  var id: Int?
  var method: String
}

struct Call<Params: Decodable>: Decodable {
  var params: Params
}

struct Answer<Result: Encodable>: Encodable {
  var jsonrpc = "2.0"
  var id: Int
  var result: Result?
  var error: Refusal?
}

struct Initialize: Decodable {
  struct Settings: Decodable {
    var directory: String
    var least: Severity?
  }
  var settings: Settings
  var baseDirectory: String
}

struct Greeting: Encodable {
  struct Program: Encodable {
    var name = "logbook"
    var version = "1.0.0"
  }
  var protocolVersion = 1
  var plugin = Program()
  var capabilities: [String] = []
}

struct Done: Encodable {}

enum Severity: String, Decodable, Comparable, CaseIterable {
  case info, warning, critical
  static func < (a: Severity, b: Severity) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}

struct Notice: Decodable {
  struct Field: Decodable {
    var name: String
    var value: String
  }
  var key: String
  var event: String
  var severity: Severity
  var pipeline: String
  var service: String
  var environment: String
  var version: String
  var time: Double
  var run: Int?
  var title: String
  var text: String
  var runbook: String?
  var fields: [Field]
}

// MARK: The logbook

/// A file for each service. An entry ends in a comment with its key, so that a second try is found out, by another process
/// too.
struct Logbook {
  var folder: URL
  var least: Severity

  init(_ params: Initialize) throws {
    folder = URL(filePath: params.settings.directory, relativeTo: URL(filePath: params.baseDirectory + "/"))
    least = params.settings.least ?? .info
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw Refusal(code: Refusal.misconfigured, message: "the folder \(folder.path) cannot be made")
    }
  }

  func write(_ notice: Notice) throws {
    guard notice.severity >= least else { return }
    let file = folder.appending(path: fileName(of: notice.service))
    let mark = "<!-- \(plain(notice.key)) -->"
    do {
      if !FileManager.default.fileExists(atPath: file.path) {
        try Data("# Rollouts of \(plain(notice.service))\n\n".utf8).write(to: file)
      }
      let handle = try FileHandle(forUpdating: file)
      defer { try? handle.close() }
      let written = try handle.readToEnd() ?? Data()
      if String(decoding: written, as: UTF8.self).contains(mark) { return }
      try handle.write(contentsOf: Data((entry(notice) + " " + mark + "\n").utf8))
    } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
      throw Refusal(code: Refusal.transient, message: "\(file.path) could not be written: the disk is full")
    } catch {
      throw Refusal(code: Refusal.misconfigured, message: "\(file.path) could not be written")
    }
  }

  private func entry(_ notice: Notice) -> String {
    let time = Date(timeIntervalSince1970: notice.time).formatted(.iso8601)
    let run = notice.run.map { "run \($0) of " } ?? ""
    var lines = [
      "- \(time) **\(plain(notice.title))** (\(run)\(plain(notice.pipeline)), \(plain(notice.environment)), "
        + "version \(plain(notice.version)))"
    ]
    if let runbook = notice.runbook { lines[0] += " [runbook](\(plain(runbook)))" }
    lines += notice.text.split(whereSeparator: \.isNewline).map { "  \(plain(String($0)))  " }
    lines += notice.fields.map { "  - \(plain($0.name)): \(plain($0.value))" }
    return lines.joined(separator: "\n")
  }

  /// On one line, and no markup: what a notice says must not draw a page of its own.
  private func plain(_ text: String) -> String {
    var plain = ""
    for scalar in text.unicodeScalars where scalar.value >= 32 && scalar.value != 127 {
      if "\\`*_<>[]#|".unicodeScalars.contains(scalar) { plain += "\\" }
      plain.unicodeScalars.append(scalar)
    }
    return plain
  }

  /// Letters, digits, dashes and underscores stay.
  private func fileName(of service: String) -> String {
    let name = service.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? $0 : "_" }
    return String(name.isEmpty ? "_" : name.prefix(100).map(String.init).joined()) + ".md"
  }
}

// MARK: The conversation

struct Plugin {
  private var logbook: Logbook?

  mutating func answer(_ request: Request, _ id: Int, _ line: Data) -> Data {
    do {
      switch request.method {
      case "initialize":
        logbook = try Logbook(params(Initialize.self, line))
        return encoded(Answer(id: id, result: Greeting()))
      case "notify.send":
        guard let logbook else { throw Refusal(code: Refusal.badParams, message: "initialize comes first") }
        try logbook.write(params(Notice.self, line))
        return encoded(Answer(id: id, result: Done()))
      case "shutdown": return encoded(Answer(id: id, result: Done()))
      default: throw Refusal(code: Refusal.noMethod, message: "there is no method \(request.method)")
      }
    } catch {
      let refusal = error as? Refusal ?? Refusal(code: -32603, message: "\(error)")
      return encoded(Answer<Done>(id: id, error: refusal))
    }
  }

  private func params<Params: Decodable>(_ type: Params.Type, _ line: Data) throws -> Params {
    do {
      return try JSONDecoder().decode(Call<Params>.self, from: line).params
    } catch {
      throw Refusal(code: Refusal.badParams, message: "the params are not those of the protocol: \(error)")
    }
  }

  private func encoded(_ answer: some Encodable) -> Data {
    ((try? JSONEncoder().encode(answer)) ?? Data()) + Data("\n".utf8)
  }
}

var plugin = Plugin()
while let line = readLine() {
  let data = Data(line.utf8)
  // `$/cancel` has no id. Calls are answered one after the other, so there is nothing to give up.
  guard let request = try? JSONDecoder().decode(Request.self, from: data), let id = request.id else { continue }
  FileHandle.standardOutput.write(plugin.answer(request, id, data))
  if request.method == "shutdown" { break }
}
