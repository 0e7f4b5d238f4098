package import PipelineModel

/// Flags by their keys, with what they share.
package struct FlagSet: Sendable {
  /// In the order of the definition.
  package private(set) var flags: [Flag]
  private var indices: [ByteKey: Int]
  package let generation: Generation
  package let metadata: JSONObject

  /// Of a key that stands several times the first flag counts.
  package init(flags: [Flag], generation: Generation = .standard, metadata: JSONObject = JSONObject()) {
    self.flags = flags
    self.generation = generation
    self.metadata = metadata
    indices = Dictionary(flags.enumerated().map { (ByteKey($0.element.key), $0.offset) }) { first, _ in first }
  }

  package subscript(key: String) -> Flag? { indices[ByteKey(key)].map { flags[$0] } }

  /// What a flag is for a context; `FLAG_NOT_FOUND` for a key that is none.
  package func resolve(_ key: String, _ context: JSONObject, at now: Timestamp) -> Resolution {
    guard let index = indices[ByteKey(key)] else {
      return .failed(.flagNotFound, "there is no flag `\(key)`", metadata: metadata)
    }
    return flags[index].resolve(context, at: now)
  }
}
