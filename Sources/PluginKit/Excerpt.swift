extension StringProtocol {
  /// What a backend said, made fit for a message: on one line, without control characters, at most `limit` characters.
  ///
  /// A terminal takes some control characters for commands, and a backend is not to be trusted with that.
  package func excerpt(_ limit: Int) -> String {
    var line = ""
    for word in split(whereSeparator: \.isWhitespace) {
      let shown = String(String.UnicodeScalarView(word.unicodeScalars.filter { !$0.isControl }))
      if shown.isEmpty { continue }
      line += line.isEmpty ? shown : " \(shown)"
      if line.count > limit { return "\(line.prefix(limit - 1))…" }
    }
    return line
  }
}

extension Unicode.Scalar {
  /// C0, DEL, C1, and the marks that turn the direction of text round.
  private static let controls: [ClosedRange<UInt32>] = [
    0...0x1f, 0x7f...0x9f, 0x200e...0x200f, 0x202a...0x202e, 0x2066...0x2069,
  ]

  fileprivate var isControl: Bool { Self.controls.contains { $0.contains(value) } }
}
