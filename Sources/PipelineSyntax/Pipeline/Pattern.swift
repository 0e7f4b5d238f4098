import PipelineModel

/// A regular expression that is matched in time proportional to text × pattern, whatever both are.
///
/// Backtracking engines can be made to take years by `(a+)+`; patterns and values here come from strangers. The language
/// is the part of the usual one that needs no backtracking: letters, `.`, classes, `\d \w \s` and their opposites,
/// groups, `|`, `* + ? {m} {m,} {m,n}`, and `^` and `$` at the ends, where they change nothing since the whole value
/// must match. Method: Thompson's construction, all states followed at once.
struct Pattern: Sendable {
  /// States a pattern may need once its counts are written out.
  static let sizeLimit = 5000

  struct Mistake: Error, Equatable {
    var message: String
  }

  /// One state. `split` and `jump` take no letter.
  fileprivate enum Step: Sendable {
    case letter(LetterClass)
    case split(Int, Int)
    case jump(Int)
    case match
  }

  private let steps: [Step]

  init(_ text: String) throws(Mistake) {
    var parser = PatternParser(text)
    var compiler = PatternCompiler()
    try compiler.add(parser.parse())
    steps = compiler.steps + [.match]
  }

  func matchesAll(of text: String) -> Bool {
    var current = closure(of: [0])
    for scalar in text.unicodeScalars {
      current = closure(
        of: current.compactMap { index in
          if case .letter(let letters) = steps[index], letters.contains(scalar) { index + 1 } else { nil }
        })
      if current.isEmpty { return false }
    }
    return current.contains { if case .match = steps[$0] { true } else { false } }
  }

  /// Whether some letter of a value may be `scalar`.
  func mentions(_ scalar: Unicode.Scalar) -> Bool {
    steps.contains { if case .letter(let letters) = $0 { letters.contains(scalar) } else { false } }
  }

  /// The states that are reached without a letter.
  private func closure(of starts: [Int]) -> [Int] {
    var seen = [Bool](repeating: false, count: steps.count)
    var reached: [Int] = []
    var stack = starts
    while let index = stack.popLast() {
      if seen[index] { continue }
      seen[index] = true
      switch steps[index] {
      case .split(let a, let b): stack += [a, b]
      case .jump(let to): stack.append(to)
      case .letter, .match: reached.append(index)
      }
    }
    return reached
  }
}

/// The letters one place of a pattern accepts.
private struct LetterClass: Sendable {
  var ranges: [ClosedRange<Unicode.Scalar>]
  var isNegated = false

  func contains(_ scalar: Unicode.Scalar) -> Bool { ranges.contains { $0.contains(scalar) } != isNegated }

  static let digits: [ClosedRange<Unicode.Scalar>] = ["0"..."9"]
  static let word: [ClosedRange<Unicode.Scalar>] = ["a"..."z", "A"..."Z", "0"..."9", "_"..."_"]
  static let space: [ClosedRange<Unicode.Scalar>] = [" "..." ", "\t"..."\t", "\n"..."\n", "\r"..."\r"]
}

private indirect enum PatternNode {
  case letter(LetterClass)
  case sequence([PatternNode])
  case either([PatternNode])
  case repeated(PatternNode, Int, Int?)
}

private struct PatternCompiler {
  var steps: [Pattern.Step] = []

  mutating func add(_ node: PatternNode) throws(Pattern.Mistake) {
    guard steps.count < Pattern.sizeLimit else { throw Pattern.Mistake(message: "its counts make it too large") }
    switch node {
    case .letter(let letters): steps.append(.letter(letters))
    case .sequence(let nodes): for node in nodes { try add(node) }
    case .either(let nodes): try add(either: nodes)
    case .repeated(let node, let least, let most): try add(node, least, most)
    }
  }

  private mutating func add(either nodes: [PatternNode]) throws(Pattern.Mistake) {
    var ends: [Int] = []
    for (number, node) in nodes.enumerated() {
      let split = steps.count
      if number < nodes.count - 1 { steps.append(.jump(0)) }
      try add(node)
      guard number < nodes.count - 1 else { break }
      ends.append(steps.count)
      steps.append(.jump(0))
      steps[split] = .split(split + 1, steps.count)
    }
    for end in ends { steps[end] = .jump(steps.count) }
  }

  private mutating func add(_ node: PatternNode, _ least: Int, _ most: Int?) throws(Pattern.Mistake) {
    for _ in 0..<least { try add(node) }
    guard let most else {
      let split = steps.count
      steps.append(.jump(0))
      try add(node)
      steps.append(.jump(split))
      steps[split] = .split(split + 1, steps.count)
      return
    }
    var splits: [Int] = []
    for _ in least..<max(least, most) {
      splits.append(steps.count)
      steps.append(.jump(0))
      try add(node)
    }
    for split in splits { steps[split] = .split(split + 1, steps.count) }
  }
}

private struct PatternParser {
  private let scalars: [Unicode.Scalar]
  private var at = 0
  private var depth = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  mutating func parse() throws(Pattern.Mistake) -> PatternNode {
    if peek == "^" { at += 1 }
    let node = try either()
    guard at == scalars.count else { throw Pattern.Mistake(message: "a `)` closes nothing") }
    return node
  }

  private var peek: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

  private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    at += 1
    return true
  }

  private mutating func either() throws(Pattern.Mistake) -> PatternNode {
    var nodes = [try sequence()]
    while skip("|") { nodes.append(try sequence()) }
    return nodes.count == 1 ? nodes[0] : .either(nodes)
  }

  private mutating func sequence() throws(Pattern.Mistake) -> PatternNode {
    var nodes: [PatternNode] = []
    while let next = peek, next != "|", next != ")" {
      if next == "$", at == scalars.count - 1 {
        at += 1
        break
      }
      nodes.append(try repeated(try atom()))
    }
    return .sequence(nodes)
  }

  private mutating func repeated(_ atom: PatternNode) throws(Pattern.Mistake) -> PatternNode {
    let node: PatternNode
    switch peek {
    case "*": node = .repeated(atom, 0, nil)
    case "+": node = .repeated(atom, 1, nil)
    case "?": node = .repeated(atom, 0, 1)
    case "{":
      at += 1
      let (least, most) = try counts()
      node = .repeated(atom, least, most)
    default: return atom
    }
    at += 1
    // Lazy or greedy is all the same when the whole text must match.
    _ = skip("?")
    if let next = peek, "*+{".unicodeScalars.contains(next) {
      throw Pattern.Mistake(message: "a count follows a count")
    }
    return node
  }

  /// Behind `{`, up to `}`.
  private mutating func counts() throws(Pattern.Mistake) -> (Int, Int?) {
    let least = number()
    var most = least
    if skip(",") { most = number() }
    guard let least, peek == "}", least <= 1000, (most ?? least) <= 1000, (most ?? least) >= least else {
      throw Pattern.Mistake(message: "a count is written `{2}`, `{2,}` or `{2,5}`, up to 1000")
    }
    return (least, most)
  }

  private mutating func number() -> Int? {
    var digits = ""
    while let next = peek, ("0"..."9").contains(next), digits.utf8.count < 6 {
      digits.unicodeScalars.append(next)
      at += 1
    }
    return Int(digits)
  }

  private mutating func atom() throws(Pattern.Mistake) -> PatternNode {
    guard let next = peek else { throw Pattern.Mistake(message: "it ends too early") }
    at += 1
    switch next {
    case "(": return try group()
    case "[": return .letter(try letterClass())
    case ".": return .letter(LetterClass(ranges: ["\n"..."\n"], isNegated: true))
    case "\\": return .letter(try escape())
    case "*", "+", "?", "{": throw Pattern.Mistake(message: "\(quote(String(next))) has nothing to repeat")
    case "^", "$": throw Pattern.Mistake(message: "\(quote(String(next))) belongs to the ends of a pattern")
    default: return .letter(LetterClass(ranges: [next...next]))
    }
  }

  private mutating func group() throws(Pattern.Mistake) -> PatternNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 50 else { throw Pattern.Mistake(message: "its groups are nested too deep") }
    if skip("?"), !skip(":") {
      throw Pattern.Mistake(message: "groups that look ahead or behind, or have names, are not supported")
    }
    let node = try either()
    guard skip(")") else { throw Pattern.Mistake(message: "a `(` is never closed") }
    return node
  }

  private mutating func escape() throws(Pattern.Mistake) -> LetterClass {
    guard let next = peek else { throw Pattern.Mistake(message: "a `\\` ends it") }
    at += 1
    switch next {
    case "d": return LetterClass(ranges: LetterClass.digits)
    case "D": return LetterClass(ranges: LetterClass.digits, isNegated: true)
    case "w": return LetterClass(ranges: LetterClass.word)
    case "W": return LetterClass(ranges: LetterClass.word, isNegated: true)
    case "s": return LetterClass(ranges: LetterClass.space)
    case "S": return LetterClass(ranges: LetterClass.space, isNegated: true)
    case "n": return LetterClass(ranges: ["\n"..."\n"])
    case "t": return LetterClass(ranges: ["\t"..."\t"])
    case _ where LetterClass.word.contains { $0.contains(next) }:
      throw Pattern.Mistake(message: "\(quote("\\\(next)")) is not supported")
    default: return LetterClass(ranges: [next...next])
    }
  }

  /// Behind `[`.
  private mutating func letterClass() throws(Pattern.Mistake) -> LetterClass {
    var letters = LetterClass(ranges: [], isNegated: skip("^"))
    var isFirst = true
    while let next = peek, next != "]" || isFirst {
      isFirst = false
      let low = try classLetter()
      guard low.ranges.count == 1, let start = low.ranges.first?.lowerBound, peek == "-", at + 1 < scalars.count,
        scalars[at + 1] != "]"
      else {
        letters.ranges += low.ranges
        continue
      }
      at += 1
      guard let end = try classLetter().ranges.first?.upperBound, start <= end else {
        throw Pattern.Mistake(message: "a range in brackets runs backwards")
      }
      letters.ranges.append(start...end)
    }
    guard skip("]") else { throw Pattern.Mistake(message: "a `[` is never closed") }
    return letters
  }

  private mutating func classLetter() throws(Pattern.Mistake) -> LetterClass {
    guard let next = peek else { throw Pattern.Mistake(message: "a `[` is never closed") }
    at += 1
    guard next == "\\" else { return LetterClass(ranges: [next...next]) }
    let letters = try escape()
    if letters.isNegated { throw Pattern.Mistake(message: "an opposite such as `\\D` cannot stand in brackets") }
    return letters
  }
}
