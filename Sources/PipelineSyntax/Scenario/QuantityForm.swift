import PipelineModel

/// Reads `name(a, b)`, numbers with units, factors and shifts, in the words of the condition language.
struct QuantityReader {
  private let tokens: [ConditionToken]
  private var at = 0

  init(_ text: String) throws(ConditionMistake) { tokens = try ConditionLexer.tokens(of: text) }

  var isAtEnd: Bool { tokens[at].kind == .end }
  var offset: Int { tokens[at].offset }

  mutating func take(_ symbol: String) -> Bool {
    guard tokens[at].kind == .symbol(symbol) else { return false }
    at += 1
    return true
  }

  mutating func name() -> String? {
    guard case .name(let name) = tokens[at].kind else { return nil }
    at += 1
    return name
  }

  /// With or without a sign.
  mutating func number() throws(ConditionMistake) -> Double {
    let sign: Double = take("-") ? -1 : 1
    if sign > 0 { _ = take("+") }
    guard case .number(let number, _) = tokens[at].kind else {
      throw ConditionMistake("a number is wanted here", at: offset, help: "for example `180ms`, `0.4` or `0.2%`")
    }
    at += 1
    return sign * number
  }

  func finish() throws(ConditionMistake) {
    if !isAtEnd { throw ConditionMistake("this is not expected here", at: offset) }
  }
}

extension Form {
  /// A form of one line in the words above; mistakes get their column.
  static func quantity(
    _ shape: Shape, _ noun: String, help: String, read: @escaping @Sendable (String) throws(ConditionMistake) -> Value
  ) -> Form {
    Form(shape) { node, reader in
      guard reader.text(node, wanting: noun, help: help) != nil, let text = reader.scalarText(node) else { return nil }
      do throws(ConditionMistake) {
        return try read(text.text)
      } catch {
        reader.sink.error(error.message, at: text.place(at: error.offset), help: error.help ?? help)
        return nil
      }
    }
  }
}

extension Form where Value == Distribution {
  private static let kinds = ["normal", "lognormal", "uniform", "ratio", "exact"]
  private static let help =
    "write a number (`180ms`), a ratio of the requests (`0.2%`), `normal(mean, deviation)`, `lognormal(median, sigma)`, `uniform(low, high)` or `exact(0.2%)`"

  static let distribution = quantity(.text, "a distribution", help: help) { text throws(ConditionMistake) in
    try read(text)
  }

  static func read(_ text: String) throws(ConditionMistake) -> Distribution {
    var reader = try QuantityReader(text)
    let start = reader.offset
    guard let name = reader.name() else {
      let number = try reader.number()
      try reader.finish()
      return text.hasSuffix("%") ? try ratio(number, at: start) : .constant(number)
    }
    guard kinds.contains(name) else {
      let near = nearMiss(of: name, among: kinds).map { ", did you mean \(quote($0))?" } ?? ""
      throw ConditionMistake("unknown distribution \(quote(name))\(near)", at: start, help: help)
    }
    let arguments = try arguments(&reader)
    try reader.finish()
    return try distribution(name, arguments, at: start)
  }

  private static func arguments(_ reader: inout QuantityReader) throws(ConditionMistake) -> [Double] {
    guard reader.take("(") else { throw ConditionMistake("a `(` is missing", at: reader.offset) }
    var arguments: [Double] = []
    repeat { arguments.append(try reader.number()) } while reader.take(",")
    guard reader.take(")") else { throw ConditionMistake("a `)` is missing", at: reader.offset) }
    return arguments
  }

  private static func distribution(
    _ name: String, _ arguments: [Double], at offset: Int
  ) throws(ConditionMistake) -> Distribution {
    switch (name, arguments.count) {
    case ("exact", 1): return .constant(arguments[0])
    case ("ratio", 1): return try ratio(arguments[0], at: offset)
    case ("normal", 2) where arguments[1] >= 0: return .normal(mean: arguments[0], deviation: arguments[1])
    case ("lognormal", 2) where arguments[0] > 0 && arguments[1] >= 0:
      return .lognormal(median: arguments[0], sigma: arguments[1])
    case ("uniform", 2) where arguments[0] <= arguments[1]: return .uniform(low: arguments[0], high: arguments[1])
    case ("normal", 2): throw ConditionMistake("a deviation below zero", at: offset)
    case ("lognormal", 2): throw ConditionMistake("the median must be above zero, sigma at least zero", at: offset)
    case ("uniform", 2): throw ConditionMistake("the low end is above the high end", at: offset)
    case ("exact", _), ("ratio", _): throw ConditionMistake("\(quote(name)) takes one number", at: offset)
    default: throw ConditionMistake("\(quote(name)) takes two numbers, not \(arguments.count)", at: offset)
    }
  }

  private static func ratio(_ share: Double, at offset: Int) throws(ConditionMistake) -> Distribution {
    guard (0...1).contains(share) else { throw ConditionMistake("a ratio is between 0% and 100%", at: offset) }
    return .ratio(share)
  }
}

extension Form where Value == Change {
  private static let help =
    "write `same`, a factor (`x1.3`), a shift (`+50ms`), or a distribution (`0.2%`, `lognormal(180ms, 0.2)`)"

  static let change = quantity(.text, "a change", help: help) { text throws(ConditionMistake) in
    if text == "same" { return .same }
    if let factor = text.first, factor == "x" || factor == "×" {
      var reader = try QuantityReader(String(text.dropFirst()))
      let number = try reader.number()
      try reader.finish()
      guard number >= 0 else { throw ConditionMistake("a factor below zero", at: 0) }
      return .scale(number)
    }
    guard text.hasPrefix("+") || text.hasPrefix("-") else { return .become(try Form<Distribution>.read(text)) }
    var reader = try QuantityReader(text)
    let shift = try reader.number()
    try reader.finish()
    return .shift(shift)
  }
}

extension Form where Value == Double {
  /// `200/s`, `1.5k/s`, `12000/m`.
  static let rate = quantity(.pattern("^[0-9.]+[kM]?/[smh]$", example: "200/s"), "a rate", help: "for example `200/s`")
  {
    text throws(ConditionMistake) in
    var reader = try QuantityReader(text)
    let number = try reader.number()
    guard reader.take("/"), let unit = reader.name(), let seconds = ["s": 1.0, "m": 60, "h": 3600][unit] else {
      throw ConditionMistake("\(quote(text)) is not a rate", at: 0)
    }
    try reader.finish()
    guard (0...1e9).contains(number / seconds) else {
      throw ConditionMistake("a rate between 0/s and 1000M/s is wanted", at: 0)
    }
    return number / seconds
  }
}

extension Form where Value == Interval {
  /// `+2h`, `-5m`.
  static let signedDuration = Form(.pattern("^[+-]?([0-9.]+(ms|s|m|h|d))+$", example: "+2h")) { node, reader in
    guard let text = reader.text(node, wanting: "a duration with a sign", help: "for example `+2h`") else { return nil }
    let isNegative = text.hasPrefix("-")
    do throws(UnitMistake) {
      let length = try Interval(written: isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text)
      return isNegative ? .zero - length : length
    } catch {
      reader.sink.error(error.message, at: node.place, help: error.help)
      return nil
    }
  }
}
