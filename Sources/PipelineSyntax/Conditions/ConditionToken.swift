import PipelineModel

/// A word of the condition language, with the offset of its first scalar.
struct ConditionToken: Equatable {
  enum Kind: Equatable {
    /// In base units: seconds, bytes, fractions.
    case number(Double, Dimension)
    case name(String)
    case text(String)
    case symbol(String)
    case end
  }
  var kind: Kind
  var offset: Int
}

/// What a number measures, as far as it is written. Percentages are plain numbers: `5%` is 0.05.
enum Dimension: String, Hashable {
  case plain = "a plain number"
  case time = "a time"
  case size = "a size"
}

/// Why a condition is none, at the offset of a scalar in its text.
struct ConditionMistake: Error, Equatable {
  var message: String
  var offset: Int
  var help: String?

  init(_ message: String, at offset: Int, help: String? = nil) {
    self.message = message
    self.offset = offset
    self.help = help
  }
}

/// Text → words.
struct ConditionLexer {
  private let scalars: [Unicode.Scalar]
  private var at = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  static func tokens(of text: String) throws(ConditionMistake) -> [ConditionToken] {
    var lexer = ConditionLexer(text)
    var tokens: [ConditionToken] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  private mutating func next() throws(ConditionMistake) -> ConditionToken {
    while let scalar = peek(), scalar == " " || scalar == "\n" || scalar == "\t" { at += 1 }
    let start = at
    guard let scalar = peek() else { return ConditionToken(kind: .end, offset: start) }
    if isDigit(scalar) { return ConditionToken(kind: try number(), offset: start) }
    if isNameStart(scalar) { return ConditionToken(kind: .name(take(while: isNamePart)), offset: start) }
    if scalar == "\"" || scalar == "'" { return ConditionToken(kind: try text(scalar), offset: start) }
    return ConditionToken(kind: .symbol(try symbol(scalar)), offset: start)
  }

  private func peek(_ ahead: Int = 0) -> Unicode.Scalar? { at + ahead < scalars.count ? scalars[at + ahead] : nil }

  private mutating func take(while belongs: (Unicode.Scalar) -> Bool) -> String {
    var taken = ""
    while let scalar = peek(), belongs(scalar) {
      taken.unicodeScalars.append(scalar)
      at += 1
    }
    return taken
  }

  private mutating func text(_ quote: Unicode.Scalar) throws(ConditionMistake) -> ConditionToken.Kind {
    let start = at
    at += 1
    let text = take { $0 != quote && $0 != "\n" }
    guard peek() == quote else { throw ConditionMistake("this quote is never closed", at: start) }
    at += 1
    return .text(text)
  }

  private mutating func symbol(_ first: Unicode.Scalar) throws(ConditionMistake) -> String {
    let start = at
    at += 1
    let pair = peek().map { "\(first)\($0)" } ?? ""
    if ["==", "!=", "<=", ">="].contains(pair) {
      at += 1
      return pair
    }
    if let meant = ["&&": "and", "||": "or", "=>": ">=", "=<": "<=", "<>": "!=", "**": "*"][pair] {
      throw ConditionMistake("`\(pair)` is not part of the language", at: start, help: "write `\(meant)`")
    }
    if "<>+-*/()[].,".unicodeScalars.contains(first) { return String(first) }
    let meant = [
      "=": "write `==` to compare", "!": "write `not`", "$": "`${…}` cannot stand in a condition; write the number",
      "%": "a `%` belongs right behind a number: `5%`",
    ]
    throw ConditionMistake("\(quote(String(first))) is not part of the language", at: start, help: meant[String(first)])
  }
}

// Numbers with units.
extension ConditionLexer {
  private mutating func number() throws(ConditionMistake) -> ConditionToken.Kind {
    var value = try digits()
    if peek() == "%" {
      at += 1
      return .number(value / 100, .plain)
    }
    let unitStart = at
    let unit = take { isNameStart($0) }
    if unit.isEmpty { return .number(value, .plain) }
    if let count = Units.count.first(where: { $0.name == unit }) { return .number(value * count.factor, .plain) }
    if let size = Units.size.first(where: { $0.name == unit }) { return .number(value * size.factor, .size) }
    if unit == "us" || unit == "µs" { return .number(value / 1e6, .time) }
    guard let time = Units.time.first(where: { $0.name == unit }) else {
      throw ConditionMistake(unknownUnit(unit), at: unitStart, help: Self.unitHelp)
    }
    value = value * time.milliseconds / 1000
    guard let next = peek(), isDigit(next) else { return .number(value, .time) }
    // `1h30m`: the smaller rest.
    let restStart = at
    guard case .number(let rest, .time) = try number(), rest < time.milliseconds / 1000 else {
      throw ConditionMistake("the units of this duration do not fall", at: restStart, help: "write for example `1h30m`")
    }
    return .number(value + rest, .time)
  }

  private static let unitHelp =
    "one of `%`, `us`, `ms`, `s`, `m`, `h`, `d`, `k`, `M`, `G`, `B`, `kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`"

  private func unknownUnit(_ unit: String) -> String {
    let known = Units.time.map(\.name) + Units.count.map(\.name) + Units.size.map(\.name)
    let near = nearMiss(of: unit, among: known).map { ", did you mean \(quote($0))?" } ?? ""
    return "\(quote(unit)) is not a unit\(near)"
  }

  /// Digits, a fraction, an exponent.
  private mutating func digits() throws(ConditionMistake) -> Double {
    let start = at
    var written = take { isDigit($0) }
    var isWhole = true
    if peek() == ".", let next = peek(1), isDigit(next) {
      isWhole = false
      at += 1
      written += "." + take { isDigit($0) }
    }
    if peek() == "e" || peek() == "E", let exponent = exponent() {
      isWhole = false
      written += exponent
    }
    guard let value = Double(written), value.isFinite else {
      throw ConditionMistake("\(quote(written)) is too large a number", at: start)
    }
    if isWhole, !Self.isExact(written) {
      throw ConditionMistake(
        "\(quote(written)) cannot be held exactly", at: start, help: "whole numbers go up to 2⁵³ = 9007199254740992")
    }
    return value
  }

  /// By its digits: the number made of them is rounded already.
  private static func isExact(_ digits: String) -> Bool {
    UInt64(digits).map { $0 <= UInt64(Units.largestExact) } ?? false
  }

  private mutating func exponent() -> String? {
    let begin = at
    at += 1
    var text = "e"
    if let sign = peek(), sign == "+" || sign == "-" {
      text.unicodeScalars.append(sign)
      at += 1
    }
    let digits = take { isDigit($0) }
    if digits.isEmpty || digits.utf8.count > 4 {
      at = begin
      return nil
    }
    return text + digits
  }
}

private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
private func isNameStart(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isAlphabetic || scalar == "_" }
private func isNamePart(_ scalar: Unicode.Scalar) -> Bool { isNameStart(scalar) || isDigit(scalar) }
