import Foundation
import PipelineModel
import PipelineSyntax

extension PluginFinder {
  /// Looks into folders; relative paths are relative to the folder of the installation's file.
  ///
  /// - Parameter asTheyAre: whatever is pinned. What has changed is refused by the host when it is to be started.
  static func folders(besides path: String, asTheyAre: Bool = false) -> PluginFinder {
    let tools = Workshop.current.plugins
    return PluginFinder { name, pinned in
      let folder = URL(fileURLWithPath: name, relativeTo: URL(fileURLWithPath: path)).path
      return find(in: folder, asTheyAre ? nil : pinned, tools)
    }
  }

  private static func find(in folder: String, _ pinned: String?, _ tools: PluginTools) -> Found {
    let path = "\(folder)/plugin.yaml"
    let file: SourceFile
    do {
      file = try SourceFile.read(path)
    } catch {
      return .refused(
        "\(path) cannot be read: \(error.diagnostic.message)", help: "`path` is that of the plugin's folder")
    }
    let parsed = PluginParser().parse(file)
    guard let manifest = parsed.value else {
      let errors = parsed.diagnostics.filter { $0.severity == .error }
      return .refused("this plugin cannot be used", help: errors.map(\.description).joined(separator: "\n"))
    }
    do throws(Failure) {
      let found = try pinned.map { _ throws(Failure) in try tools.checksum(folder) }
      guard found == pinned else { return .changed(manifest, folder, found: found ?? "") }
    } catch {
      return .refused(error.message, help: nil, manifest: manifest)
    }
    return .plugin(manifest, directory: folder)
  }
}

extension PluginFinder.Found {
  fileprivate static func changed(_ manifest: PluginManifest, _ folder: String, found: String) -> Self {
    .refused(
      "the files in \(folder) are not those that `sha256` pins",
      help: "look at what has changed; if it is wanted, write `sha256: \(found)`", manifest: manifest)
  }
}
