import FoundationEssentials
import PipelineModel
import PluginKit

/// What was last asked of a slot's unit, on disk: the key, and the unit's invocation before.
struct SystemdRecord {
  struct Entry: Codable, Equatable {
    var key: String
    var before: String
  }

  var path: String

  func read() throws(Failure) -> Entry? {
    guard let text = try WholeFile(path).text() else { return nil }
    return try? JSONDecoder().decode(Entry.self, from: Data(text.utf8))
  }

  /// - Parameter entry: `nil` when nothing is to run.
  func write(_ entry: Entry?) throws(Failure) {
    do {
      let folder = URL(filePath: path).deletingLastPathComponent()
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let text = try entry.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
      try WholeFile(path).replace(with: text)
    } catch {
      throw Failure(.misconfigured, "could not write \(path): \(error)")
    }
  }
}

/// The form of an `EnvironmentFile=`.
enum SystemdEnvironment {
  /// In double quotes `"`, `\`, `$` and the backtick are written with a backslash; a line end stays one.
  static func text(_ variables: [String: String]) -> String {
    variables.sorted { $0.key < $1.key }.map { name, value in
      let quoted = value.map { "\"\\$`".contains($0) ? "\\\($0)" : String($0) }.joined()
      return "\(name)=\"\(quoted)\"\n"
    }.joined()
  }
}
