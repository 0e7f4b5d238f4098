/// The text of a scalar that knows where each of its letters was written, through quotes, escapes and line folds.
struct ScalarText {
  let text: String
  let place: Place
  private let style: SyntaxNode.Scalar.Style
  private let source: SourceText

  init(_ scalar: SyntaxNode.Scalar, at place: Place, in source: SourceText) {
    text = scalar.text
    style = scalar.style
    self.place = place
    self.source = source
  }

  /// The places of all scalars, and of the end; falls short where the two texts do not run side by side.
  var places: [Place] {
    var walk = ScalarWalk(source: source, style: style, start: place)
    var places: [Place] = []
    for scalar in text.unicodeScalars {
      guard let at = walk.next(scalar) else { return places }
      places.append(at)
    }
    return places + [walk.end]
  }

  /// The place of the scalar (not byte) at `offset`; one past the end is allowed. The text's own place when unsure.
  func place(at offset: Int) -> Place {
    let places = places
    return offset < places.count ? places[offset] : place
  }
}

/// Steps through a scalar as written, side by side with the scalar as meant.
private struct ScalarWalk {
  let source: SourceText
  let style: SyntaxNode.Scalar.Style
  private var at: Place
  private var inBlank = false

  init(source: SourceText, style: SyntaxNode.Scalar.Style, start: Place) {
    self.source = source
    self.style = style
    switch style {
    case .plain: at = start
    case .singleQuoted, .doubleQuoted: at = Place(line: start.line, column: start.column + 1)
    case .literal, .folded: at = Place(line: start.line + 1, column: 1)
    }
    if style == .literal || style == .folded { skipBlanks() }
  }

  /// Where the walk stands: behind what was matched last.
  var end: Place { at }

  /// Where `meant` was written; `nil` when the two texts do not run side by side.
  mutating func next(_ meant: Unicode.Scalar) -> Place? {
    if style == .doubleQuoted { skipContinuations() }
    let here = at
    if style == .doubleQuoted, source.scalar(at: at) == "\\" {
      at.column += escapeLength
      return here
    }
    if meant == " " || meant == "\n" || meant == "\t" { return blank(meant) }
    if inBlank || source.scalar(at: at) == nil { skipBlanks() }
    inBlank = false
    let found = at
    guard source.scalar(at: at) == meant else { return nil }
    at.column += style == .singleQuoted && meant == "'" ? 2 : 1
    return found
  }

  /// Blanks of both texts are matched as runs, since folding changes their number.
  private mutating func blank(_ meant: Unicode.Scalar) -> Place {
    inBlank = true
    let here = at
    if source.scalar(at: at) == meant { at.column += 1 }
    return here
  }

  private mutating func skipBlanks() {
    while at.line <= source.lineCount {
      let scalar = source.scalar(at: at)
      if scalar == " " || scalar == "\t" {
        at.column += 1
      } else if scalar == nil {
        at = Place(line: at.line + 1, column: 1)
      } else {
        return
      }
    }
  }

  /// `\` at the end of a line stands for nothing, the next line's indentation included.
  private mutating func skipContinuations() {
    while source.scalar(at: at) == "\\", source.scalar(at: Place(line: at.line, column: at.column + 1)) == nil,
      at.line < source.lineCount
    {
      at = Place(line: at.line + 1, column: 1)
      while source.scalar(at: at) == " " || source.scalar(at: at) == "\t" { at.column += 1 }
    }
  }

  private var escapeLength: Int {
    switch source.scalar(at: Place(line: at.line, column: at.column + 1)) {
    case "x": 4
    case "u": 6
    case "U": 10
    default: 2
    }
  }
}
