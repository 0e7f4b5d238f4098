extension FlagDefinition {
  /// One rule of how large a flag may be that somebody makes or changes, by whatever way. What is in a journal already is
  /// read all the same.
  ///
  /// - Throws: with a place in the definition as it is written by `canonical`.
  package func mustFit() throws(JSONRefusal) {
    _ = try JSONParser.node(in: Array(canonical.utf8), limits: .definition)
  }
}

extension JSONParser {
  /// Where a flag of a flagd document begins.
  package static func place(ofFlag key: String, in bytes: [UInt8]) -> JSONPlace? {
    guard let document = try? node(in: bytes, limits: .definitions), let flag = document["flags"]?[key] else {
      return nil
    }
    return LineIndex(bytes).place(of: flag.offset)
  }
}
