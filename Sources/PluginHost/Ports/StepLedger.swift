import Foundation
import PipelineModel
import PluginKit

/// The keys of steps that were started and may be under way, each a file, so that a restarted controller knows them.
struct StepLedger: Sendable {
  private let folder: String

  init(stateDirectory: String, backend: String) { folder = "\(stateDirectory)/steps/\(backend)" }

  /// - Throws: `misconfigured` when it cannot be written: a step that could not be ended after a crash is not begun.
  func enter(_ key: String) throws(Failure) {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try Data(key.utf8).write(to: URL(fileURLWithPath: path(key)))
    } catch {
      throw Failure(.misconfigured, "could not note the step in \(folder): \(error.localizedDescription)")
    }
  }

  func strike(_ key: String) { try? FileManager.default.removeItem(atPath: path(key)) }

  var keys: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { try? String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) }.sorted()
  }

  private func path(_ key: String) -> String {
    let name = key.utf8.map { byte in
      let isPlain = (97...122).contains(byte) || (48...57).contains(byte) || byte == 45
      return isPlain ? String(UnicodeScalar(byte)) : "_\(byte)"
    }
    return "\(folder)/\(name.joined())"
  }
}
