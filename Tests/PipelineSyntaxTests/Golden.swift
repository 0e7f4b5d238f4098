import Foundation
import Testing

/// Files that hold what a test expects, beside the tests.
///
/// `RECORD_SNAPSHOTS=1` rewrites them and fails, so that nobody records by accident.
enum Golden {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()

  /// The files with an ending in a folder of the tests, by name.
  static func files(_ subfolder: String, ending: String) -> [URL] {
    let all = try? FileManager.default.contentsOfDirectory(
      at: folder.appending(path: subfolder), includingPropertiesForKeys: nil)
    return (all ?? []).filter { $0.pathExtension == ending }.sorted { $0.lastPathComponent < $1.lastPathComponent }
  }

  static func expect(
    _ actual: String, toMatch file: URL, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try? String(contentsOf: file, encoding: .utf8)
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try actual.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("recorded \(file.lastPathComponent)", sourceLocation: sourceLocation)
      return
    }
    #expect(
      actual == expected, "\(file.lastPathComponent) differs; RECORD_SNAPSHOTS=1 rewrites it",
      sourceLocation: sourceLocation)
  }
}
