import Foundation
import LiveRig
import Testing

/// The command line in a folder of its own, used as people and scripts use it.
struct Scratch {
  let rig: Rig
  let headgate: HeadgateProgram

  var folder: String { rig.folder }

  static func with(_ work: (Scratch) async throws -> Void) async throws {
    try await Rig.with { rig in
      try await work(Scratch(rig: rig, headgate: HeadgateProgram(in: rig.folder)))
    }
  }

  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures").path
  static let pipelines = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Pipelines")
    .standardizedFileURL.path
  static let quickstart = "\(pipelines)/quickstart/pipeline.yaml"
  static let shop = "\(fixtures)/shop.yaml"

  /// Writes a headgate.yaml into the folder.
  func configure(_ text: String) throws {
    try (text + "\n").write(toFile: "\(folder)/headgate.yaml", atomically: true, encoding: .utf8)
  }

  /// The scenarios `good` and `bad` of the shop.
  static func scenario(_ name: String) -> String { "\(fixtures)/\(name).yaml" }

  /// A rehearsal of the shop, to its end: run 1 of `rehearsal.db` if it is the first.
  func rehearse(
    _ scenario: String = "good", version: String = "1.4.1", speed: Int = 60, _ more: String...
  ) async throws -> HeadgateProgram.Ending {
    try await headgate.run(rehearsal(scenario, version: version, speed: speed) + more)
  }

  func rehearsal(_ scenario: String = "good", version: String = "1.4.1", speed: Int = 60) -> [String] {
    [
      "run", Self.shop, "--set", "version=\(version)", "--scenario", Self.scenario(scenario),
      "--speed", "\(speed)", "--store", "\(folder)/rehearsal.db",
    ]
  }
}

extension HeadgateProgram.Ending {
  /// Standard output as one JSON value.
  func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(out.utf8))
  }

  /// Standard output as JSON values, one a line.
  func jsonLines() throws -> [[String: Any]] {
    try lines.map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
  }
}

/// Files that hold what a command is expected to print. `RECORD_SNAPSHOTS=1` rewrites them and fails.
enum Golden {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots")

  static func expect(_ actual: String, _ file: URL, sourceLocation: SourceLocation = #_sourceLocation) throws {
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try actual.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("recorded \(file.lastPathComponent)", sourceLocation: sourceLocation)
      return
    }
    let expected = try? String(contentsOf: file, encoding: .utf8)
    #expect(
      actual == expected, "\(file.lastPathComponent) differs; RECORD_SNAPSHOTS=1 rewrites it",
      sourceLocation: sourceLocation)
  }
}
