package import Flags
import PipelineModel

/// A file of flags, JSON or YAML, as the value it says, with places.
package struct FlagSource: Sendable {
  package let path: String
  package let bytes: [UInt8]
  /// `nil` when the file cannot be read; then `diagnostics` says why.
  package private(set) var root: JSONNode?
  package private(set) var diagnostics: [Diagnostic] = []

  /// What begins with a brace or a bracket is read as JSON, everything else as YAML.
  package init(_ file: SourceFile) {
    path = file.path
    bytes = file.bytes
    let first = bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { readJSON() } else { readYAML() }
  }

  /// What is wrong with the flags of the file, as diagnostics of it.
  package func diagnostics(_ problems: [FlagProblem]) -> [Diagnostic] {
    problems.map { problem in
      let subject = problem.flag.map { "flag \(quote($0)): " } ?? ""
      return Diagnostic(
        problem.severity == .error ? .error : .warning, path: path,
        place: Place(line: problem.place.line, column: problem.place.column), message: subject + problem.message,
        help: problem.help)
    }
  }

  private mutating func readJSON() {
    do throws(JSONRefusal) {
      root = try JSONParser.node(in: bytes, limits: .definitions)
    } catch {
      diagnostics = [
        Diagnostic(
          .error, path: path, place: Place(line: error.place.line, column: error.place.column), message: error.message)
      ]
    }
  }

  private mutating func readYAML() {
    let sink = DiagnosticSink(path: path)
    if let source = SourceText(bytes, reportingTo: sink), let node = YAMLReader.read(source, reportingTo: sink) {
      root = JSONNode(node, LineOffsets(bytes))
    }
    diagnostics = sink.sorted()
    if diagnostics.contains(where: { $0.severity == .error }) { root = nil }
  }
}

/// Where the lines of a text begin, in bytes.
private struct LineOffsets {
  private let bytes: [UInt8]
  private var starts = [0]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    for (index, byte) in bytes.enumerated() where byte == 0x0a { starts.append(index + 1) }
  }

  /// Columns of a place count scalars.
  func offset(of place: Place) -> Int {
    guard starts.indices.contains(place.line - 1) else { return bytes.count }
    var offset = starts[place.line - 1]
    var column = 1
    while column < place.column, offset < bytes.count, bytes[offset] != 0x0a {
      offset += 1
      while offset < bytes.count, bytes[offset] & 0xc0 == 0x80 { offset += 1 }
      column += 1
    }
    return offset
  }
}

extension JSONNode {
  fileprivate init(_ node: SyntaxNode, _ lines: LineOffsets) {
    let shape: Shape =
      switch node.content {
      case .scalar(let scalar): Self.shape(of: scalar)
      case .list(let items): .list(items.map { JSONNode($0, lines) })
      case .map(let entries):
        .object(
          entries.map {
            Member(name: $0.key.value, offset: lines.offset(of: $0.key.place), node: JSONNode($0.value, lines))
          })
      }
    self.init(shape: shape, offset: lines.offset(of: node.place))
  }

  /// By the core schema of YAML 1.2: what is quoted is a text.
  private static func shape(of scalar: SyntaxNode.Scalar) -> Shape {
    guard scalar.style == .plain else { return .text(scalar.text) }
    switch scalar.text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default:
      let number = try? JSONParser.value(in: Array(scalar.text.utf8), limits: .context)
      if case .number(let number)? = number { return .number(number) }
      return .text(scalar.text)
    }
  }
}
