/// A version as semver.org 2.0.0 orders them, read leniently as flagd does: a leading `v`, and missing minor and patch
/// numbers as 0. Build metadata is read and ignored.
struct SemanticVersion {
  var major: UInt64 = 0
  var minor: UInt64 = 0
  var patch: UInt64 = 0
  /// Dot-separated identifiers; empty of a release.
  var preRelease: Substring.UTF8View

  init?(_ text: String) {
    var rest = Substring(text).utf8
    preRelease = rest[rest.endIndex...]
    if let first = rest.first, first | 0x20 == UInt8(ascii: "v") { rest = rest.dropFirst() }
    if let plus = rest.firstIndex(of: UInt8(ascii: "+")) {
      guard Self.areIdentifiers(rest[rest.index(after: plus)...], areNumbersStrict: false) else { return nil }
      rest = rest[..<plus]
    }
    var isComplete = true
    if let dash = rest.firstIndex(of: UInt8(ascii: "-")) {
      preRelease = rest[rest.index(after: dash)...]
      guard Self.areIdentifiers(preRelease, areNumbersStrict: true) else { return nil }
      rest = rest[..<dash]
      isComplete = false
    }
    guard let count = readNumbers(rest), isComplete || count == 3 else { return nil }
  }

  /// How many there are, 1 to 3.
  private mutating func readNumbers(_ text: Substring.UTF8View) -> Int? {
    var rest = text
    for count in 1...3 {
      let end = rest.firstIndex(of: UInt8(ascii: ".")) ?? rest.endIndex
      guard let number = Self.number(rest[..<end]) else { return nil }
      switch count {
      case 1: major = number
      case 2: minor = number
      default: patch = number
      }
      if end == rest.endIndex { return count }
      rest = rest[rest.index(after: end)...]
    }
    return nil
  }

  /// Digits without a leading zero; `nil` for anything else, and beyond 64 bits.
  private static func number(_ digits: Substring.UTF8View) -> UInt64? {
    guard let first = digits.first, first != 0x30 || digits.count == 1, digits.count <= 20 else { return nil }
    var value: UInt64 = 0
    for digit in digits {
      guard 0x30...0x39 ~= digit else { return nil }
      let (product, high) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit - 0x30))
      if high || carry { return nil }
      value = sum
    }
    return value
  }

  private static func areIdentifiers(_ text: Substring.UTF8View, areNumbersStrict: Bool) -> Bool {
    var (start, isNumber, length) = (UInt8(0), true, 0)
    func isWhole() -> Bool { length > 0 && !(areNumbersStrict && isNumber && start == 0x30 && length > 1) }
    for byte in text {
      switch byte {
      case UInt8(ascii: "."):
        guard isWhole() else { return false }
        (isNumber, length) = (true, 0)
        continue
      case 0x30...0x39: break
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
        isNumber = false
      default: return false
      }
      if length == 0 { start = byte }
      length += 1
    }
    return isWhole()
  }
}

extension SemanticVersion {
  /// Negative, zero or positive.
  func compared(with other: SemanticVersion) -> Int {
    for (a, b) in [(major, other.major), (minor, other.minor), (patch, other.patch)] where a != b {
      return a < b ? -1 : 1
    }
    // A release stands above its pre-releases.
    if preRelease.isEmpty || other.preRelease.isEmpty {
      return (preRelease.isEmpty ? 1 : 0) - (other.preRelease.isEmpty ? 1 : 0)
    }
    return Self.comparedIdentifiers(preRelease, other.preRelease)
  }

  private static func comparedIdentifiers(_ a: Substring.UTF8View, _ b: Substring.UTF8View) -> Int {
    let (listA, listB) = (a.split(separator: UInt8(ascii: ".")), b.split(separator: UInt8(ascii: ".")))
    for (x, y) in zip(listA, listB) {
      let order = compared(x, y)
      if order != 0 { return order }
    }
    return listA.count - listB.count
  }

  /// Numbers stand below names, by size; names go by bytes. A longer number without leading zeros is the greater.
  private static func compared(_ a: Substring.UTF8View, _ b: Substring.UTF8View) -> Int {
    let (isNumberA, isNumberB) = (a.allSatisfy { 0x30...0x39 ~= $0 }, b.allSatisfy { 0x30...0x39 ~= $0 })
    if isNumberA != isNumberB { return isNumberA ? -1 : 1 }
    if isNumberA, a.count != b.count { return a.count - b.count }
    return String(Substring(a)).comparedByBytes(with: String(Substring(b)))
  }

  /// `= != < <= > >=`, `~` (same minor), `^` (same major); `nil` for another operator.
  func satisfies(_ comparison: String, _ other: SemanticVersion) -> Bool? {
    switch comparison {
    case "=": compared(with: other) == 0
    case "!=": compared(with: other) != 0
    case "<": compared(with: other) < 0
    case "<=": compared(with: other) <= 0
    case ">": compared(with: other) > 0
    case ">=": compared(with: other) >= 0
    case "~": major == other.major && minor == other.minor
    case "^": major == other.major
    default: nil
    }
  }
}
