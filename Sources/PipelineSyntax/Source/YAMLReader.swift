import PipelineModel
import Yams

/// Text → one document of nodes, every way it can go wrong reported at its place.
struct YAMLReader {
  /// Nodes of a document, each alias counted as often as it is used.
  static let nodeLimit = 50_000
  /// Duplicate keys found before reading gives up on finding more.
  private static let duplicateLimit = 16

  let source: SourceText
  let sink: DiagnosticSink

  /// The document's root; `nil` when there is none, which has then been reported.
  ///
  /// After duplicate keys, which are errors, reading goes on without the later ones.
  static func read(_ source: SourceText, reportingTo sink: DiagnosticSink) -> SyntaxNode? {
    guard YAMLGuard.accepts(source, reportingTo: sink) else { return nil }
    return YAMLReader(source: source, sink: sink).read()
  }

  private func read() -> SyntaxNode? {
    var masked = MaskedKeys(text: source.text)
    for _ in 0...Self.duplicateLimit {
      do {
        let parser = try Parser(yaml: masked.text, resolver: .basic, constructor: .default, encoding: .utf8)
        guard let root = try parser.singleRoot() else { return empty() }
        return convert(root, masking: masked)
      } catch YamlError.duplicatedKeysInMapping(let names, let context) {
        let first = Place(line: context.mark.line, column: context.mark.column)
        guard report(duplicate: names.first ?? "", first: first, &masked) else { return nil }
      } catch {
        YAMLProblem(error).report(in: source, to: sink)
        return nil
      }
    }
    return nil
  }

  private func empty() -> SyntaxNode? {
    sink.error("the file is empty", at: .start, help: "a mapping is wanted: `key: value` in each line")
    return nil
  }

  /// Reports the second of two equal keys and hides it from the next reading; `false` when it cannot be found.
  private func report(duplicate name: String, first: Place, _ masked: inout MaskedKeys) -> Bool {
    if SplitCalls.isTail(name), masked.hide(keyAfter: first, as: name) != nil { return true }
    let help = "it stands first in line \(first.line); keep one of the two"
    guard let second = masked.hide(keyAfter: first) else {
      sink.error("the key \(quote(name)) stands twice in one mapping", at: first, help: "keep one of the two")
      return false
    }
    sink.error("the key \(quote(name)) stands twice in one mapping", at: second, help: help)
    return true
  }

  private func convert(_ root: Node, masking masked: MaskedKeys) -> SyntaxNode? {
    var conversion = NodeConversion(masked: masked, sink: sink)
    let node = conversion.convert(root, depth: 0)
    if conversion.tooMany {
      sink.error(
        "the file has more than \(Self.nodeLimit) values, aliases counted as often as they are used", at: .start,
        help: "no pipeline needs as many")
      return nil
    }
    return node
  }
}

/// Yams' nodes → ours, with limits that aliases cannot get round.
private struct NodeConversion {
  let masked: MaskedKeys
  let sink: DiagnosticSink
  private var count = 0

  init(masked: MaskedKeys, sink: DiagnosticSink) {
    self.masked = masked
    self.sink = sink
  }

  var tooMany: Bool { count > YAMLReader.nodeLimit }

  mutating func convert(_ node: Node, depth: Int) -> SyntaxNode? {
    count += 1
    guard !tooMany else { return nil }
    let place = node.mark.map { Place(line: $0.line, column: $0.column) } ?? .start
    guard depth < YAMLGuard.depthLimit * 2 else {
      sink.error("nested more than \(YAMLGuard.depthLimit * 2) deep", at: place)
      return nil
    }
    refuseTag(of: node, at: place)
    switch node {
    case .scalar(let scalar):
      return SyntaxNode(content: .scalar(.init(text: scalar.string, style: style(scalar.style))), place: place)
    case .sequence(let nodes):
      return SyntaxNode(content: .list(nodes.compactMap { convert($0, depth: depth + 1) }), place: place)
    case .mapping(let pairs):
      let entries = pairs.compactMap { convert(key: $0.key, value: $0.value, depth: depth + 1) }
      return SyntaxNode(
        content: .map(SplitCalls.joined(entries)), place: place, isPartial: pairs.contains { !isKey($0.key) })
    case .alias:
      // The parser has put the anchored node in its place already.
      return nil
    }
  }

  private mutating func convert(key: Node, value: Node, depth: Int) -> SyntaxNode.Entry? {
    let place = key.mark.map { Place(line: $0.line, column: $0.column) } ?? .start
    if masked.isDuplicate(at: place) { return nil }
    guard case .scalar(let scalar) = key else {
      sink.error("a key must be text", at: place, help: "write `key: value`")
      return nil
    }
    refuseTag(of: key, at: place)
    if !isKey(key) {
      sink.error(
        "merge keys (`<<`) are not supported", at: place,
        help: "write the keys out; a gate used twice can be named under `gates:`")
      return nil
    }
    let name = masked.text(hiddenAt: place) ?? scalar.string
    return convert(value, depth: depth).map { .init(key: Located(name, at: place), value: $0) }
  }

  private func isKey(_ key: Node) -> Bool {
    guard case .scalar(let scalar) = key else { return false }
    return scalar.string != "<<" || scalar.style != .plain
  }

  private func refuseTag(of node: Node, at place: Place) {
    let implied: [Tag.Name] = [.implicit, .str, .seq, .map, .nonSpecific]
    guard !implied.contains(where: { $0.rawValue == node.tag.rawValue }) else { return }
    sink.error(
      "the YAML tag \(quote(node.tag.rawValue)) is not supported", at: place, help: "leave the tag out")
  }

  private func style(_ style: Node.Scalar.Style) -> SyntaxNode.Scalar.Style {
    switch style {
    case .singleQuoted: .singleQuoted
    case .doubleQuoted: .doubleQuoted
    case .literal: .literal
    case .folded: .folded
    case .plain, .any: .plain
    }
  }
}
