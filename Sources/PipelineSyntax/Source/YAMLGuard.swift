/// Looks over the tokens of a YAML text before a parser sees it, and refuses what could exhaust one.
///
/// It knows just enough YAML to tell structure from text: indentation, flow brackets, quotes, block scalars, comments.
/// Refused here are nesting beyond `depthLimit`, collections and aliases as keys (parsers hash those, which explodes
/// with aliases inside), directives, and aliases beyond `aliasLimit`. All else is left to the parser.
struct YAMLGuard {
  static let depthLimit = 64
  static let aliasLimit = 256

  private let source: SourceText
  private let sink: DiagnosticSink
  private var line = 1
  private var column = 0
  /// Columns of the block collections that are open here.
  private var blocks: [Int] = []
  private var flowDepth = 0
  private var aliases = 0
  private var refused = false

  private init(_ source: SourceText, _ sink: DiagnosticSink) {
    self.source = source
    self.sink = sink
  }

  /// `false` when the text was refused; the reason has been reported.
  static func accepts(_ source: SourceText, reportingTo sink: DiagnosticSink) -> Bool {
    var guardian = YAMLGuard(source, sink)
    guardian.run()
    return !guardian.refused
  }

  private mutating func run() {
    while line <= source.lineCount, !refused {
      if column == 0 { startLine() } else { token() }
    }
  }
}

// Positions: `line` from 1, `column` from 0.
extension YAMLGuard {
  private var scalars: [Unicode.Scalar] { source.line(line) }
  private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
    let at = column + ahead
    let line = scalars
    return at < line.count ? line[at] : nil
  }
  private var place: Place { Place(line: line, column: column + 1) }

  private mutating func nextLine() {
    line += 1
    column = 0
  }

  private mutating func skipBlanks() {
    let line = scalars
    while column < line.count, line[column] == " " || line[column] == "\t" { column += 1 }
  }

  private func isBreak(_ scalar: Unicode.Scalar?) -> Bool { scalar == nil || scalar == " " || scalar == "\t" }

  private mutating func refuse(_ message: String, at place: Place, help: String) {
    refused = true
    sink.error(message, at: place, help: help)
  }
}

extension YAMLGuard {
  private mutating func startLine() {
    if scalars.isEmpty { return nextLine() }
    if flowDepth == 0, peek() == "%" {
      return refuse("YAML directives are not supported", at: place, help: "remove the line, or quote the text")
    }
    if let mark = marker() {
      blocks = []
      column = mark
    }
    skipBlanks()
    if column == scalars.count { return nextLine() }
    token()
  }

  /// Length of a document marker at the start of this line.
  private func marker() -> Int? {
    guard let first = peek(), first == "-" || first == ".", peek(1) == first, peek(2) == first, isBreak(peek(3)) else {
      return nil
    }
    return 3
  }

  /// One token; at its start.
  private mutating func token() {
    skipBlanks()
    guard let first = peek() else { return nextLine() }
    switch first {
    case "#" where column == 0 || isBreak(scalars[column - 1]): nextLine()
    case "\"", "'": quoted(first)
    case "[", "{": openFlow()
    case "]", "}":
      flowDepth = max(0, flowDepth - 1)
      column += 1
      refuseKey(ending: "a collection")
    case ",", ":": column += 1
    case "-" where isBreak(peek(1)) && flowDepth == 0: openBlock()
    case "?" where isBreak(peek(1)):
      refuse("`? ` introduces a key that is more than text", at: place, help: "write `key: value` with a plain key")
    case "&", "!": word()
    case "*": alias()
    case "|" where flowDepth == 0, ">" where flowDepth == 0: blockScalar()
    default: plain()
    }
  }

  private mutating func openFlow() {
    flowDepth += 1
    checkDepth()
    column += 1
  }

  private mutating func openBlock() {
    noteBlock(at: column)
    column += 1
  }

  private mutating func noteBlock(at column: Int) {
    while let last = blocks.last, last > column { blocks.removeLast() }
    if blocks.last != column { blocks.append(column) }
    checkDepth()
  }

  private mutating func checkDepth() {
    guard flowDepth + blocks.count > Self.depthLimit, !refused else { return }
    refuse(
      "nested more than \(Self.depthLimit) deep", at: place,
      help: "no file of ours needs more than a handful of levels")
  }

  private mutating func word() {
    while !isBreak(peek()) { column += 1 }
  }

  private mutating func alias() {
    guard !isBreak(peek(1)) else { return plain() }
    aliases += 1
    if aliases > Self.aliasLimit {
      return refuse(
        "more than \(Self.aliasLimit) aliases", at: place, help: "write the values out, or name a gate and refer to it")
    }
    while let next = peek(), !isBreak(next), !"[]{},".unicodeScalars.contains(next) { column += 1 }
    refuseKey(ending: "an alias")
  }

  /// Behind a collection or an alias: a colon here would make it a key.
  private mutating func refuseKey(ending noun: String) {
    let end = column
    skipBlanks()
    if peek() == ":", isBreak(peek(1)) || flowDepth > 0 {
      refuse("\(noun) cannot be a key", at: place, help: "write the key as plain text")
    }
    column = max(end, column)
  }
}

// Text, in which brackets and quotes mean nothing.
extension YAMLGuard {
  private mutating func quoted(_ quote: Unicode.Scalar) {
    let start = column
    let startLine = line
    column += 1
    while line <= source.lineCount {
      let current = scalars
      while column < current.count, current[column] != quote {
        column += quote == "\"" && current[column] == "\\" ? 2 : 1
      }
      if column >= current.count {
        nextLine()
      } else if quote == "'", column + 1 < current.count, current[column + 1] == quote {
        column += 2
      } else {
        column += 1
        if startLine == line { noteKey(at: start) }
        return
      }
    }
  }

  /// After a scalar that began at `start` on this line: opens a block mapping when the scalar was a key.
  private mutating func noteKey(at start: Int) {
    let end = column
    skipBlanks()
    if flowDepth == 0, peek() == ":", isBreak(peek(1)) { noteBlock(at: start) }
    column = end
  }

  private mutating func plain() {
    let start = column
    plainOnThisLine()
    let current = scalars
    if column < current.count {
      if current[column] == ":", flowDepth == 0 { noteBlock(at: start) }
      return
    }
    nextLine()
    guard flowDepth == 0 else { return }
    let parent = blocks.last ?? -1
    while line <= source.lineCount, marker() == nil {
      skipBlanks()
      if column < scalars.count {
        guard column > parent, peek() != "#" else { break }
        plainOnThisLine()
        if column < scalars.count { return }
      }
      nextLine()
    }
    column = 0
  }

  /// Ends at a `: `, a comment, a flow indicator, or the end of the line.
  private mutating func plainOnThisLine() {
    let current = scalars
    while column < current.count {
      let scalar = current[column]
      let next = column + 1 < current.count ? current[column + 1] : nil
      if scalar == ":", isBreak(next) || (flowDepth > 0 && ",[]{}".unicodeScalars.contains(next ?? " ")) { return }
      if flowDepth > 0, ",[]{}".unicodeScalars.contains(scalar) { return }
      if scalar == "#", column > 0, isBreak(current[column - 1]) { return }
      column += 1
    }
  }

  private mutating func blockScalar() {
    let parent = blocks.last ?? -1
    nextLine()
    while line <= source.lineCount {
      skipBlanks()
      if column < scalars.count, column <= parent || (parent < 0 && marker() != nil) { break }
      nextLine()
    }
    column = 0
  }
}
