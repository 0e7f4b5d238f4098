/// What a file of ours describes, told from its top-level keys.
package enum DocumentKind: String, Hashable, Sendable, CaseIterable {
  case pipeline, scenario, installation, plugin

  /// A guess that is right for every file without mistakes; a file with none of our keys counts as a pipeline.
  package init(guessing file: SourceFile) {
    let keys = Self.topLevelKeys(of: file.bytes.prefix(SourceText.byteLimit))
    let ofInstallations = Set(InstallationForm(kinds: []).object.names)
    if keys.contains(ScenarioDraft.nameKey.name) {
      self = .scenario
    } else if keys.contains(PluginForm.nameKey.name) {
      self = .plugin
    } else if keys.isDisjoint(with: Set(PipelineDraft.object.names).subtracting(ofInstallations)),
      !keys.isDisjoint(with: ofInstallations)
    {
      self = .installation
    } else {
      self = .pipeline
    }
  }

  /// The words that stand before a colon at the very start of a line.
  private static func topLevelKeys(of bytes: ArraySlice<UInt8>) -> Set<String> {
    let lines = bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    return Set(
      lines.compactMap { line in
        let word = line.prefix { $0 != UInt8(ascii: ":") && $0 > UInt8(ascii: " ") }
        guard !word.isEmpty, word.count < 40, word.count < line.count else { return nil }
        let name = String(decoding: word, as: UTF8.self)
        return name.hasPrefix("\u{FEFF}") ? String(name.unicodeScalars.dropFirst()) : name
      })
  }
}
