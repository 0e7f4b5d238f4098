import Foundation
import HummingbirdTesting
import LiveRig
import Subprocess
import SystemPackage
import Testing

@testable import ControlServer

/// The OpenFeature SDK for Python, as applications use it, against our server and our file.
@Suite struct OpenFeatureTests {
  /// What the application got.
  struct Answer: Decodable, Equatable {
    var value: JSON
    var variant: String?
    var reason: String?
    var error: String?
    var message: String?
    var metadata: [String: JSON]
  }

  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/openfeature_client.py").path

  private static func ask(_ arguments: [String], _ questions: [String]) async throws -> [Answer] {
    let result = try await Subprocess.run(
      .path(FilePath(try Component.openFeature.required())), arguments: Arguments([script] + arguments),
      input: .string(questions.joined(separator: "\n") + "\n"), output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    let out = result.standardOutput
    try #require(result.terminationStatus.isSuccess, "\(out)\(result.standardError)")
    return try out.split(separator: "\n").map { try JSONDecoder().decode(Answer.self, from: Data($0.utf8)) }
  }

  private static func question(_ type: String, _ key: String, _ standard: String, _ context: String = "{}") -> String {
    #"{"type":"\#(type)","key":"\#(key)","default":\#(standard),"context":\#(context)}"#
  }

  /// Question, then the value, variant, reason and error that the application is to see.
  private static let table: [(String, JSON, String?, String?, String?)] = [
    (question("boolean", "on", "false"), .bool(true), "yes", "STATIC", nil),
    (question("string", "text", #""x""#), .text("alpha ü \u{1}"), "a", "STATIC", nil),
    (question("float", "float", "9.5"), .number("1"), "one", "STATIC", nil),
    (question("integer", "whole", "7"), .number("9007199254740991"), "big", "STATIC", nil),
    (question("object", "object", "{}"), .other, "o", "STATIC", nil),
    (question("boolean", "off", "true"), .bool(true), "", "DISABLED", nil),
    (question("boolean", "theirs", "true"), .bool(true), "", "DEFAULT", nil),
    (
      question("boolean", "ruled", "false", #"{"targetingKey":"u","plan":"pro"}"#), .bool(true), "yes",
      "TARGETING_MATCH", nil
    ),
    (question("boolean", "ruled", "true", #"{"targetingKey":"u"}"#), .bool(false), "no", "DEFAULT", nil),
    (question("boolean", "text", "true"), .bool(true), nil, "ERROR", "TYPE_MISMATCH"),
    (question("integer", "float", "5"), .number("5"), nil, "ERROR", "TYPE_MISMATCH"),
    (question("boolean", "none", "true"), .bool(true), nil, "ERROR", "FLAG_NOT_FOUND"),
    (question("boolean", "broken", "true"), .bool(true), nil, "ERROR", "GENERAL"),
  ]

  @Test(.live(.openFeature)) func `every answer arrives at an application as it was meant`() async throws {
    try await Served(tokens: true).test(.live) { client in
      let port = try #require(client.port)
      for base in ["http://127.0.0.1:\(port)", "http://127.0.0.1:\(port)/environments/production/"] {
        let answers = try await Self.ask(["ofrep", base, Served.shopToken], Self.table.map(\.0))
        try #require(answers.count == Self.table.count)
        for (answer, row) in zip(answers, Self.table) {
          if row.1 != .other { #expect(answer.value == row.1, "\(row.0)") }
          #expect(answer.variant == row.2, "\(row.0): \(answer)")
          #expect(answer.reason == row.3, "\(row.0): \(answer)")
          #expect(answer.error == row.4, "\(row.0): \(answer)")
        }
        #expect(answers[7].metadata == ["owner": .text("checkout"), "set": .text("mine")])
        #expect(answers[11].message == "there is no flag `none`")
      }
    }
  }

  @Test(.live(.openFeature)) func `an application without the right token has its own default, and is told why`()
    async throws
  {
    try await Served(tokens: true).test(.live) { client in
      let port = try #require(client.port)
      let question = Self.question("boolean", "on", "false")
      let unknown = try await Self.ask(["ofrep", "http://127.0.0.1:\(port)"], [question])
      #expect(unknown.first?.value == .bool(false) && unknown.first?.error == "GENERAL")
      #expect(unknown.first?.message == "unauthorized")
      let staging = "http://127.0.0.1:\(port)/environments/staging"
      let forbidden = try await Self.ask(["ofrep", staging, Served.shopToken], [question])
      #expect(forbidden.first?.message == "forbidden" && forbidden.first?.value == .bool(false))
    }
  }

  @Test(.live(.openFeature)) func `an application that asks too often waits as long as it is told`() async throws {
    try await Served(tokens: true, rate: 2).test(.live) { client in
      let port = try #require(client.port)
      // So many that a machine which stands still between two of them does not hide what happens.
      let questions = (1...50).map { _ in Self.question("boolean", "on", "false") }
      let answers = try await Self.ask(["ofrep", "http://127.0.0.1:\(port)", Served.shopToken], questions)
      #expect(answers.prefix(2).map(\.error) == [nil, nil])
      let first = try #require(answers.firstIndex { $0.error == "GENERAL" })
      #expect(answers[first].message == "Rate limited, retry after: 1")
      #expect(answers[first...].contains { $0.message?.hasPrefix("OFREP evaluation paused") == true })
    }
  }

  @Test(.live(.openFeature)) func `a provider that evaluates itself reads our file, and its next revision`()
    async throws
  {
    try await Rig.with { rig in
      let served = try Served()
      let path = "\(rig.folder)/flags.json"
      let sink = FlagFileSink(environment: "production", path: path, shelf: served.shelf, log: Served.log)
      try sink.write(try #require(served.shelf.page(of: "production")))
      let questions = [
        Self.question("boolean", "on", "false"), Self.question("float", "float", "9.5"),
        Self.question("boolean", "ruled", "false", #"{"targetingKey":"u","plan":"pro"}"#),
        Self.question("boolean", "none", "true"),
      ]
      let answers = try await Self.ask(["flagd", path], questions)
      #expect(answers.map(\.value) == [.bool(true), .number("1"), .bool(true), .bool(true)])
      #expect(answers.map(\.variant) == ["yes", "one", "yes", nil])
      #expect(answers.map(\.error) == [nil, nil, nil, "FLAG_NOT_FOUND"])
      try served.put(Served.definition.replacing(#""on": {"state": "ENABLED""#, with: #""on": {"state": "DISABLED""#))
      try sink.write(try #require(served.shelf.page(of: "production")))
      let later = try await Self.ask(["flagd", path], [questions[0]])
      #expect(later.map(\.value) == [.bool(false)])
      let left = try FileManager.default.contentsOfDirectory(atPath: rig.folder).filter { $0.hasPrefix("flags") }
      #expect(left == ["flags.json"])
    }
  }
}

/// Who may read a file of flags is whoever runs the machine to say, once.
@Suite struct FlagFileModeTests {
  private static func mode(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber).intValue
  }

  @Test(arguments: [0o600, 0o640, 0o444]) func `a file keeps its mode when another takes its place`(mode: Int)
    async throws
  {
    try await Rig.with { rig in
      let served = try Served()
      let path = "\(rig.folder)/flags.json"
      let sink = FlagFileSink(environment: "production", path: path, shelf: served.shelf, log: Served.log)
      try sink.write(try #require(served.shelf.page(of: "production")))
      #expect(try Self.mode(path) & 0o111 == 0)
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      try served.put(Served.definition.replacing(#""on": {"state": "ENABLED""#, with: #""on": {"state": "DISABLED""#))
      try sink.write(try #require(served.shelf.page(of: "production")))
      #expect(try Self.mode(path) == mode)
      #expect(try String(contentsOfFile: path, encoding: .utf8).contains("DISABLED"))
    }
  }
}

/// A value as Python wrote it.
enum JSON: Decodable, Equatable {
  case bool(Bool), text(String), number(String), other

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let bool = try? container.decode(Bool.self) {
      self = .bool(bool)
    } else if let whole = try? container.decode(Int.self) {
      self = .number("\(whole)")
    } else if let number = try? container.decode(Double.self) {
      self = .number("\(number)")
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .other
    }
  }
}
