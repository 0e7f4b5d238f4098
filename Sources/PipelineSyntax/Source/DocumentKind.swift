/// What a file of ours describes, told from its top-level keys.
package enum DocumentKind: String, Hashable, Sendable, CaseIterable {
  // In the order in which they are tried: of two that have as many of the keys the first.
  case scenario, plugin, installation, pipeline

  /// The kind that has the most of the file's keys, misspelt ones for half; a file with none of them counts as a pipeline.
  package init(guessing file: SourceFile) {
    let keys = Self.topLevelKeys(of: file.bytes.prefix(SourceText.byteLimit))
    var best = (kind: Self.pipeline, points: 0)
    for kind in Self.allCases {
      let points = kind.points(of: keys)
      if points > best.points { best = (kind, points) }
    }
    self = best.kind
  }

  private func points(of keys: Set<String>) -> Int {
    let names = names
    return keys.reduce(0) { points, key in
      points + (names.contains(key) ? 2 : nearMiss(of: key, among: names) == nil ? 0 : 1)
    }
  }

  private var names: [String] {
    switch self {
    case .scenario: ScenarioDraft.object.names
    case .plugin: PluginForm.object.names
    case .installation: InstallationForm(kinds: []).object.names
    case .pipeline: PipelineDraft.object.names
    }
  }

  /// More keys than any of our files has tell nothing.
  private static let limit = 100

  /// The words that stand before a colon at the very start of a line.
  private static func topLevelKeys(of bytes: ArraySlice<UInt8>) -> Set<String> {
    var keys: Set<String> = []
    for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
      let word = line.prefix { $0 != UInt8(ascii: ":") && $0 > UInt8(ascii: " ") }
      guard !word.isEmpty, word.count < 40, word.count < line.count else { continue }
      let name = String(decoding: word, as: UTF8.self)
      keys.insert(name.hasPrefix("\u{FEFF}") ? String(name.unicodeScalars.dropFirst()) : name)
      if keys.count == limit { break }
    }
    return keys
  }
}
