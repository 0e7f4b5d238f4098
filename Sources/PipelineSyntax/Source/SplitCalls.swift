/// Calls that YAML has taken apart.
///
/// In `{ p95: lognormal(180ms, 0.2) }` YAML sees a key `p95` with the value `lognormal(180ms`, and a key `0.2)` with no
/// value. Nobody means that, so the pieces are put together again.
enum SplitCalls {
  static func joined(_ entries: [SyntaxNode.Entry]) -> [SyntaxNode.Entry] {
    guard entries.contains(where: { isTail($0.key.value) }) else { return entries }
    var joined: [SyntaxNode.Entry] = []
    for entry in entries {
      if entry.value.isEmpty, let last = joined.last, let whole = call(last.value, continuedBy: entry.key.value) {
        joined[joined.count - 1].value = whole
      } else {
        joined.append(entry)
      }
    }
    return joined
  }

  /// Whether a key is the end of a call rather than a key.
  static func isTail(_ key: String) -> Bool { openBrackets(key) < 0 }

  private static func call(_ start: SyntaxNode, continuedBy rest: String) -> SyntaxNode? {
    guard case .scalar(var scalar) = start.content, scalar.style == .plain, openBrackets(scalar.text) > 0 else {
      return nil
    }
    scalar.text += ", " + rest
    return SyntaxNode(content: .scalar(scalar), place: start.place)
  }

  private static func openBrackets(_ text: String) -> Int {
    text.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: "(") ? 1 : $1 == UInt8(ascii: ")") ? -1 : 0) }
  }
}
