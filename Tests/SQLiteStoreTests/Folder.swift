import Foundation

/// A folder of one test's own, removed at its end.
final class Folder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("headgate-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// The store most tests use.
  var store: String { file("headgate.db") }

  func copy(_ from: String, to name: String) throws -> String {
    let copy = file(name)
    try FileManager.default.copyItem(atPath: from, toPath: copy)
    return copy
  }
}
