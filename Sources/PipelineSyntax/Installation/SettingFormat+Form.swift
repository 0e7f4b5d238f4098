import PipelineModel

extension SettingFormat {
  /// For editors.
  var shape: Shape {
    switch self {
    case .url: .pattern("^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@ ]+(/[^?# ]*)?$", example: "http://127.0.0.1:9090")
    case .hostAndPort: .pattern("^[^ ]+:[0-9]+$", example: "127.0.0.1:9999")
    case .whole(let range): .integer(range)
    case .matching(let pattern, let example, _): Self.shape(pattern, example)
    }
  }

  /// What YAML takes for a number is text to us, where the pattern has it.
  private static func shape(_ pattern: String, _ example: String) -> Shape {
    let text = Shape.pattern("^(\(pattern))$", example: example)
    let allowsNumbers = (try? Pattern(pattern))?.matchesAll(of: "1") ?? false
    return allowsNumbers ? .either([text, .number]) : text
  }

  /// Reports a text that does not look like this.
  func accepts(_ text: Located<String>, _ sink: DiagnosticSink) -> Bool {
    guard let mistake = mistake(in: text.value) else { return true }
    sink.error(mistake.message, at: text.place, help: mistake.help)
    return false
  }

  private func mistake(in text: String) -> UnitMistake? {
    if text.allSatisfy(\.isWhitespace) {
      return UnitMistake(message: "nothing but blanks", help: "write something, or leave the key out")
    }
    switch self {
    case .url: return mistake(inAddress: text)
    case .hostAndPort:
      if isHostAndPort(text[...], needsPort: true) { return nil }
      return UnitMistake(message: "\(quote(text)) is no host with a port", help: "write `host:port`")
    case .whole: return nil
    case .matching(let pattern, _, let help):
      guard let pattern = try? Pattern(pattern), !pattern.matchesAll(of: text) else { return nil }
      return UnitMistake(message: "\(quote(text)) does not fit here", help: help)
    }
  }

  /// Never shows the address, which may hold what nobody should see.
  private func mistake(inAddress text: String) -> UnitMistake? {
    guard let scheme = text.firstRange(of: "://"),
      ["http", "https"].contains(text[..<scheme.lowerBound].lowercased()),
      !text.unicodeScalars.contains(where: { $0.value <= 32 || $0.value == 127 })
    else { return UnitMistake(message: "this is no web address", help: "write it such as `http://host:9090`") }
    let rest = text[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if authority.contains("@") || rest.contains(where: { $0 == "?" || $0 == "#" }) {
      return UnitMistake(
        message: "no user, query or fragment belongs into this address",
        help: "give the address that paths are added to, and credentials by settings of their own")
    }
    if isHostAndPort(authority, needsPort: false) { return nil }
    return UnitMistake(
      message: "this address has no host, or no such port", help: "write it such as `http://host:9090`")
  }
}

/// `host:9090`, `[::1]:9090`
private func isHostAndPort(_ text: Substring, needsPort: Bool) -> Bool {
  let brackets = text.hasPrefix("[") ? text.firstIndex(of: "]") : nil
  let colon = text[(brackets ?? text.startIndex)...].lastIndex(of: ":")
  let host = text[..<(colon ?? text.endIndex)]
  guard !host.isEmpty, host != "[]", !host.contains(where: \.isWhitespace), text.hasPrefix("[") == host.hasSuffix("]")
  else { return false }
  guard let colon else { return !needsPort }
  let port = text[text.index(after: colon)...]
  return port.utf8.allSatisfy { (48...57).contains($0) } && (Int(port).map { (1...65_535).contains($0) } ?? false)
}
