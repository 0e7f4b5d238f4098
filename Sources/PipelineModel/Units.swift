/// Why a number with a unit cannot be read, and how to write it.
package struct UnitMistake: Error, Hashable, Sendable {
  package var message: String
  package var help: String

  package init(message: String, help: String) {
    self.message = message
    self.help = help
  }
}

/// The units that numbers may carry, and what one of each is worth in its base unit.
package enum Units {
  package static let time: [(name: String, milliseconds: Double)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]
  /// Longest duration that makes sense anywhere: ten years.
  package static let longest = Interval(milliseconds: 3660 * 86_400_000)

  /// Bytes, and the plain multiples.
  package static let size: [(name: String, factor: Double)] = [
    ("B", 1), ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
    ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
  ]
  package static let count: [(name: String, factor: Double)] = [("k", 1e3), ("M", 1e6), ("G", 1e9)]

  /// Whole numbers beyond it lose digits in a JSON number or a `Double`.
  package static let largestExact = 9_007_199_254_740_992.0
}

extension Interval {
  /// `1h30m`, `15m`, `250ms`, `1.5h`, `0s`.
  package init(written text: String) throws(UnitMistake) {
    let help = "write a number with a unit, for example `90s`, `15m`, `1h30m`, `7d`"
    var total = 0.0
    var rest = Substring(text)
    var last = Double.infinity
    if rest.isEmpty { throw UnitMistake(message: "a duration is missing", help: help) }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard let number = plainNumber(digits) else {
        throw UnitMistake(message: "\(quote(text)) is not a duration", help: help)
      }
      rest.removeFirst(digits.count)
      let name = rest.prefix { $0.isLetter || $0 == "µ" }
      guard !name.isEmpty else {
        throw UnitMistake(message: "\(quote(text)) has no unit of time", help: durationGuess(text, rest))
      }
      guard let unit = Units.time.first(where: { $0.name == name }) else {
        throw UnitMistake(
          message: "\(quote(String(name))) is not a unit of time", help: "one of `ms`, `s`, `m`, `h`, `d`")
      }
      guard unit.milliseconds < last else {
        throw UnitMistake(message: "the units of \(quote(text)) do not fall", help: "write for example `1h30m`")
      }
      last = unit.milliseconds
      rest.removeFirst(name.count)
      total += number * unit.milliseconds
    }
    guard total <= Double(Units.longest.milliseconds) else {
      throw UnitMistake(message: "\(quote(text)) is longer than ten years", help: help)
    }
    self.init(milliseconds: Int64(total.rounded()))
  }
}

extension Interval {
  /// Reads a length of time as pipelines write it: `90s`, `15m`, `1h30m`, `7d`; otherwise says what is wrong with it.
  package static func read(_ text: String) -> (interval: Interval?, problem: String?) {
    do {
      return (try Interval(written: text), nil)
    } catch {
      return (nil, "\(error.message); \(error.help)")
    }
  }
}

/// What was probably meant by a duration without units.
private func durationGuess(_ text: String, _ rest: Substring) -> String {
  let clock = text.split(separator: ":", omittingEmptySubsequences: false)
  if clock.count == 2, clock.allSatisfy({ plainNumber($0) != nil }) {
    return "write `\(clock[0])h\(clock[1])m` or `\(clock[0])m\(clock[1])s`"
  }
  return rest.isEmpty ? "write for example `\(text)s` or `\(text)m`" : "write for example `15m`"
}

extension Weight {
  /// `5%`, `0.5%`, `33.33%`; a hundredth of a percent is the finest.
  package init(written text: String) throws(UnitMistake) {
    let help = "write for example `5%` or `0.5%`"
    guard text.hasSuffix("%") else {
      throw UnitMistake(
        message: "\(quote(text)) is not a percentage", help: plainNumber(text[...]) != nil ? "write `\(text)%`" : help)
    }
    guard let number = plainNumber(text.dropLast()) else {
      throw UnitMistake(message: "\(quote(text)) is not a percentage", help: help)
    }
    guard number <= 100 else { throw UnitMistake(message: "\(quote(text)) is more than 100%", help: help) }
    let basisPoints = (number * 100).rounded()
    guard abs(basisPoints - number * 100) < 1e-6 else {
      throw UnitMistake(message: "\(quote(text)) is finer than 0.01%", help: help)
    }
    self.init(basisPoints: Int(basisPoints))
  }
}

/// Digits with at most one point between them; nothing else is a number here, `1e9`, `0x10` and `.5` included.
package func plainNumber(_ text: Substring) -> Double? {
  let parts = text.split(separator: ".", omittingEmptySubsequences: false)
  guard parts.count <= 2, text.utf8.count <= 40 else { return nil }
  guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }) else { return nil }
  return Double(text)
}
