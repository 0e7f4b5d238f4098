import FoundationEssentials
import PipelineModel
import PluginKit

/// Remembers on disk under which keys a slot was brought up, so that whoever empties the slot finds every start that may
/// still be under way: it comes with a key of its own.
struct SlotStarts {
  private let path: String

  /// - Throws: `rejected` when the names of the deployment do not fit into a file name.
  init(root: String, _ deployment: Deployment) throws(Failure) {
    let slot = "\(deployment.service)/\(deployment.environment)/\(deployment.slot.rawValue)"
    // No key's folder begins with a dot.
    path = try CheckFolder(root: "\(root)/.slots", key: slot).path
  }

  func remember(_ key: String) throws(Failure) {
    let file = try file(key)
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try Data(key.utf8).write(to: URL(filePath: file))
    } catch {
      throw Failure(.misconfigured, "could not write \(file): \(error)")
    }
  }

  /// Those that were remembered and not forgotten.
  var keys: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return files.sorted().compactMap { file in
      FileManager.default.contents(atPath: "\(path)/\(file)").map { String(decoding: $0, as: UTF8.self) }
    }
  }

  func forget(_ key: String) {
    guard let file = try? file(key) else { return }
    try? FileManager.default.removeItem(atPath: file)
  }

  private func file(_ key: String) throws(Failure) -> String { try CheckFolder(root: path, key: key).path }
}
