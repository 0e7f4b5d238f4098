package import PipelineModel

/// Flags by their keys, with what they share.
package struct FlagSet: Sendable {
  /// In the order of the definition.
  package private(set) var flags: [Flag]
  private let index: KeyIndex
  package let generation: Generation
  package let metadata: JSONObject

  /// Of a key that stands several times the first flag counts.
  package init(flags: [Flag], generation: Generation = .standard, metadata: JSONObject = JSONObject()) {
    self.flags = flags
    self.generation = generation
    self.metadata = metadata
    index = KeyIndex(flags.map(\.key))
  }

  package subscript(key: String) -> Flag? { place(of: key).map { flags[$0] } }

  @inline(__always)
  private func place(of key: String) -> Int? {
    index.place(of: key) { flags[$0].key.hasSameBytes(as: key) }
  }

  /// What a flag is for a context; `FLAG_NOT_FOUND` for a key that is none.
  package func resolve(_ key: String, _ context: JSONObject, at now: Timestamp) -> Resolution {
    guard let place = place(of: key) else {
      return .failed(.flagNotFound, "there is no flag `\(key)`", metadata: metadata)
    }
    return flags[place].resolve(context, at: now)
  }
}
