/// How JsonLogic makes one type of another: as ECMAScript does, except that an empty list is not true.
enum Coercion {
  @inline(__always)
  static func isTrue(_ value: JSONValue) -> Bool {
    switch value {
    case .null: false
    case .bool(let bool): bool
    case .number(let number): number.value != 0 && !number.value.isNaN
    case .text(let text): !text.utf8.isEmpty
    case .list(let items): !items.isEmpty
    case .object: true
    }
  }

  /// ECMAScript's ToNumber; NaN for what is no number.
  static func number(_ value: JSONValue) -> Double {
    switch value {
    case .null: 0
    case .bool(let bool): bool ? 1 : 0
    case .number(let number): number.value
    case .text(let text): number(inText: text)
    case .list, .object: number(inText: text(of: value))
    }
  }

  /// ECMAScript's ToString; objects are `[object Object]`, null in a list is empty.
  static func text(of value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .number(let number): text(of: number.value)
    case .text(let text): text
    case .list(let items): items.map { $0.isNull ? "" : text(of: $0) }.joined(separator: ",")
    case .object: "[object Object]"
    }
  }

  private static let space: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d]

  private static func number(inText text: String) -> Double {
    let bytes = Array(text.utf8)
    guard let first = bytes.firstIndex(where: { !space.contains($0) }),
      let last = bytes.lastIndex(where: { !space.contains($0) })
    else { return 0 }
    let trimmed = bytes[first...last]
    if trimmed.count > 2, trimmed.first == UInt8(ascii: "0"), let radix = radix(trimmed[first + 1]) {
      return whole(trimmed[(first + 2)...], radix)
    }
    return decimalPrefix(trimmed) == trimmed.count ? double(trimmed) : .nan
  }

  private static func radix(_ letter: UInt8) -> Int? {
    switch letter | 0x20 {
    case UInt8(ascii: "x"): 16
    case UInt8(ascii: "o"): 8
    case UInt8(ascii: "b"): 2
    default: nil
    }
  }

  private static func whole(_ digits: ArraySlice<UInt8>, _ radix: Int) -> Double {
    var value = 0.0
    for digit in digits {
      guard let number = Character(Unicode.Scalar(digit)).hexDigitValue, number < radix else { return .nan }
      value = value * Double(radix) + Double(number)
    }
    return value
  }

  /// ECMAScript's parseFloat, as `+` and `*` read their arguments: the longest beginning that is a number.
  static func leadingNumber(_ value: JSONValue) -> Double {
    if case .number(let number) = value { return number.value }
    let bytes = Array(text(of: value).utf8)
    guard let first = bytes.firstIndex(where: { !space.contains($0) }) else { return .nan }
    let length = decimalPrefix(bytes[first...])
    return length == 0 ? .nan : double(bytes[first..<(first + length)])
  }

  private static func double(_ bytes: ArraySlice<UInt8>) -> Double {
    Double(String(decoding: bytes, as: UTF8.self)) ?? .nan
  }

  /// Length of the decimal number at the start, 0 where there is none.
  private static func decimalPrefix(_ bytes: ArraySlice<UInt8>) -> Int {
    var index = bytes.startIndex
    func digits() -> Int {
      let start = index
      while index < bytes.endIndex, 0x30...0x39 ~= bytes[index] { index += 1 }
      return index - start
    }
    func take(_ letters: UInt8...) -> Bool {
      guard index < bytes.endIndex, letters.contains(bytes[index]) else { return false }
      index += 1
      return true
    }
    _ = take(UInt8(ascii: "+"), UInt8(ascii: "-"))
    if bytes[index...].starts(with: "Infinity".utf8) { return index + 8 - bytes.startIndex }
    var count = digits()
    var end = index
    if take(UInt8(ascii: ".")) {
      let fraction = digits()
      if count + fraction > 0 { end = index }
      count += fraction
    }
    guard count > 0 else { return 0 }
    if take(UInt8(ascii: "e"), UInt8(ascii: "E")) {
      _ = take(UInt8(ascii: "+"), UInt8(ascii: "-"))
      if digits() > 0 { end = index }
    }
    return end - bytes.startIndex
  }
}

extension Coercion {
  /// ECMAScript's Number::toString: the shortest digits that read back, with an exponent below 10⁻⁶ and from 10²¹ on.
  static func text(of number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    if number == 0 { return "0" }
    if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 { return String(whole) }
    let (digits, point) = shortest(number.magnitude)
    return (number < 0 ? "-" : "") + laidOut(digits, point)
  }

  /// Significant digits, and where the point stands behind the first of them: 0.012 is 12 and -1.
  private static func shortest(_ magnitude: Double) -> (digits: [UInt8], point: Int) {
    let written = Array(magnitude.description.utf8)
    let exponentAt = written.firstIndex(of: UInt8(ascii: "e")) ?? written.endIndex
    let exponent = Int(String(decoding: written[min(exponentAt + 1, written.count)...], as: UTF8.self)) ?? 0
    let mantissa = written[..<exponentAt]
    let pointAt = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? mantissa.endIndex
    var digits = mantissa.filter { $0 != UInt8(ascii: ".") }
    let leading = digits.prefix { $0 == 0x30 }.count
    digits.removeFirst(leading)
    while digits.last == 0x30 { digits.removeLast() }
    return (digits, pointAt - leading + exponent)
  }

  private static func laidOut(_ digits: [UInt8], _ point: Int) -> String {
    let text = String(decoding: digits, as: UTF8.self)
    switch point {
    case digits.count...21: return text + String(repeating: "0", count: point - digits.count)
    case 1...21:
      return String(decoding: digits[..<point], as: UTF8.self) + "." + String(decoding: digits[point...], as: UTF8.self)
    case -5...0: return "0." + String(repeating: "0", count: -point) + text
    default:
      let rest = digits.count > 1 ? "." + String(decoding: digits[1...], as: UTF8.self) : ""
      let exponent = point - 1
      return String(decoding: digits[..<1], as: UTF8.self) + rest + "e" + (exponent < 0 ? "-" : "+")
        + String(exponent.magnitude)
    }
  }
}
