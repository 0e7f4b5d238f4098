import PipelineModel

/// Instants as other systems' files write them: RFC 3339, with an offset, with a fraction or without.
enum ForeignTime {
  /// Milliseconds since 1970; `nil` for anything else.
  static func milliseconds(_ text: String) -> Int64? {
    var rest = Substring(text)
    let start = rest.prefix(19)
    guard start.utf8.count == 19 else { return nil }
    rest = rest.dropFirst(19)
    let fraction = fraction(&rest)
    guard let offset = offset(rest) else { return nil }
    var bytes = Array(start.utf8)
    // Some write a blank or a small letter here.
    if bytes[10] | 0x20 == UInt8(ascii: "t") || bytes[10] == UInt8(ascii: " ") { bytes[10] = UInt8(ascii: "T") }
    let canonical = bytes + Array(".000Z".utf8)
    guard let instant = canonical.withUnsafeBufferPointer({ Timestamp(rfc3339: $0) }) else { return nil }
    return instant.milliseconds + fraction - offset
  }

  private static func fraction(_ rest: inout Substring) -> Int64 {
    guard rest.first == "." else { return 0 }
    let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(1 + digits.count)
    return Int64((digits + "00").prefix(3)) ?? 0
  }

  /// In milliseconds.
  private static func offset(_ text: Substring) -> Int64? {
    if text == "Z" || text == "z" { return 0 }
    let digits = text.dropFirst().filter { $0 != ":" }
    guard let sign = text.first, sign == "+" || sign == "-", digits.count == 4, let value = Int64(digits),
      value % 100 < 60
    else { return nil }
    return (sign == "-" ? -1 : 1) * (value / 100 * 60 + value % 100) * 60_000
  }
}
