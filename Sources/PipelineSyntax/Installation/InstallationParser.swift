package import PipelineModel

/// Text of headgate.yaml → the installation, or everything that is wrong with it.
package struct InstallationParser: Sendable {
  private let kinds: [BackendKind]
  private let finder: PluginFinder
  private let check: BackendCheck
  private let strictness: Strictness

  package enum Strictness: Sendable {
    /// Whatever is wrong is an error.
    case whole
    /// What is wrong with a backend, or with a plugin, is a warning and its `fault`: it keeps no other from being used.
    case parts
  }

  /// What a backend's kind has against settings that fit its schema, with what to do instead.
  package typealias BackendCheck = @Sendable (Backend, BackendKind.Port) -> [String]

  /// Settings are checked against the kinds that this build can serve, and those that the file's plugins serve; then
  /// each backend by `check`.
  package init(
    kinds: [BackendKind], plugins finder: PluginFinder? = nil, _ strictness: Strictness = .whole,
    check: @escaping BackendCheck = { _, _ in [] }
  ) {
    self.kinds = kinds
    self.check = check
    self.strictness = strictness
    self.finder = finder ?? .none
  }

  /// Settings have the types of their kinds. A router's routes are in its settings as `routes`, a map from names to
  /// maps. The store's path is as written: relative to the file's folder.
  package func parse(_ file: SourceFile) -> Parsed<Installation> {
    parsed(file, form) { installation, _ in installation }
  }

  var form: Form<Installation> {
    Form(.any) { node, reader in
      let found = plugins(in: node, reader)
      return InstallationForm(kinds: kinds, found: found, strictness, check: check).form.read(node, reader)
    }
  }

  /// Read first: what else may stand in the file depends on them.
  private func plugins(in node: SyntaxNode, _ reader: Reader) -> [InstalledPlugin] {
    let entries = node.mapEntries ?? []
    let written = entries.first { $0.key.value == InstallationForm.pluginsKey }
    guard
      let entry = written
        ?? entries.first(where: { nearMiss(of: $0.key.value, among: [InstallationForm.pluginsKey]) != nil })
    else { return [] }
    let earlier = reader.sink.errors
    defer { reader.lacksKinds = entry.value.isEmpty || reader.sink.errors > earlier }
    if entry.value.isEmpty { return [] }
    return PluginsForm(kinds: kinds, finder: finder, strictness: strictness).form.read(entry.value, reader) ?? []
  }

  package func parse(_ text: String, path: String) -> Parsed<Installation> {
    parse(SourceFile(path: path, text: text))
  }
}
