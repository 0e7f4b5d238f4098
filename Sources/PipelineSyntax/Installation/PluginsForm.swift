package import PipelineModel

/// Looks into the folder of a plugin that headgate.yaml names.
package struct PluginFinder: Sendable {
  /// Given the path as it is written, and the checksum that the folder must have.
  package var find: @Sendable (_ path: String, _ sha256: String?) -> Found

  package enum Found: Sendable {
    case plugin(PluginManifest, directory: String)
    /// One sentence without a full stop, and how to mend it; with what it says of itself, where that can be read, so
    /// that what uses it is not wrong for this reason.
    case refused(String, help: String?, manifest: PluginManifest? = nil)
  }

  package init(_ find: @escaping @Sendable (_ path: String, _ sha256: String?) -> Found) { self.find = find }

  /// For whoever reads an installation without running it.
  static let none = PluginFinder { _, _ in .refused("plugins cannot be looked into here", help: nil) }
}

/// `plugins:` of headgate.yaml, read before the rest, since the kinds of backends depend on it.
struct PluginsForm: Sendable {
  private static let path = Key(
    "path", Form<String>.text.located, required: true, "the plugin's folder, relative to this file")
  private static let sha256 = Key(
    "sha256", Form.checksum, default: "any", "the checksum the folder must have, as `headgate plugin list` prints it")
  private static let object = ObjectForm(
    name: "installed-plugin", about: "A plugin: a program of its own that serves further kinds of backends.",
    keys: [path, sha256])

  /// Kinds that need no plugin.
  let kinds: [BackendKind]
  let finder: PluginFinder
  var strictness = InstallationParser.Strictness.whole

  var form: Form<[InstalledPlugin]> {
    let form = Form<Draft>(.object(Self.object)) { node, reader in
      guard let fields = reader.fields(node, Self.object), let path = fields[Self.path] else { return nil }
      return Draft(path: path.value, sha256: fields[Self.sha256]?.value)
    }
    return Form<[InstalledPlugin]>(.map(form.shape)) { node, reader in
      guard let named = form.named.read(node, reader) else { return nil }
      var found: [InstalledPlugin] = []
      for entry in named {
        guard let plugin = plugin(entry.name.value, entry.value.value, reader) else { continue }
        if !collides(plugin, with: found, at: entry.name.place, reader) { found.append(plugin) }
      }
      return found
    }
  }

  private struct Draft {
    var path: Located<String>
    var sha256: String?
  }

  private func plugin(_ name: String, _ draft: Draft, _ reader: Reader) -> InstalledPlugin? {
    switch finder.find(draft.path.value, draft.sha256) {
    case .plugin(let manifest, let directory):
      return InstalledPlugin(name: name, directory: directory, sha256: draft.sha256, manifest: manifest)
    case .refused(let message, let help, let manifest):
      var fault: String?
      switch strictness {
      case .whole: reader.sink.error(message, at: draft.path.place, help: help)
      case .parts: fault = reader.sink.leavingOut(message, at: draft.path.place, help: help)
      }
      return manifest.map { InstalledPlugin(name: name, directory: "", manifest: $0, fault: fault) }
    }
  }

  /// Reports kinds that headgate, or another plugin, has already.
  private func collides(
    _ plugin: InstalledPlugin, with others: [InstalledPlugin], at place: Place, _ reader: Reader
  ) -> Bool {
    var collides = false
    for kind in plugin.manifest.kinds.map(\.kind) {
      let isSame = { (other: BackendKind) in other.name == kind.name && other.port == kind.port }
      let owner =
        kinds.contains(where: isSame)
        ? "headgate itself"
        : others.first { $0.manifest.kinds.map(\.kind).contains(where: isSame) }.map { quote($0.name) }
      guard let owner else { continue }
      collides = true
      reader.sink.error(
        "the kind \(quote(kind.name)) of this plugin is one that \(owner) has already", at: place,
        help: "give it another name under `kinds:` of its plugin.yaml")
    }
    return collides
  }
}

extension Form where Value == String {
  /// 64 hexadecimal digits, as `sha256sum` prints them.
  fileprivate static let checksum = Form(.pattern("^[0-9a-f]{64}$", example: String(repeating: "0", count: 64))) {
    node, reader in
    let help = "64 hexadecimal digits; `headgate plugin list` prints them"
    guard let text = reader.text(node, wanting: "a SHA-256", help: help) else { return nil }
    let isHex = text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    if text.utf8.count == 64, isHex { return text }
    reader.sink.error("\(quote(text)) is not a SHA-256", at: node.place, help: help)
    return nil
  }
}
