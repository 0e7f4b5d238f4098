import PipelineModel

/// Writes the canonical encoding: JSON without white space, members in a fixed order, numbers in their shortest form.
///
/// `Documentation.docc/The-journal.md` is the specification; any change there is a new version of it.
package struct JournalWriter: Sendable {
  package var bytes: [UInt8] = []
  /// The instant written last, in words: the entries of a batch share theirs.
  private var dated: (instant: Timestamp, text: [UInt8]) = (Timestamp(milliseconds: .min), [])

  package init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

  /// What `write` writes.
  static func bytes(_ write: (inout JournalWriter) -> Void) -> [UInt8] {
    var out = JournalWriter()
    write(&out)
    return out.bytes
  }

  /// The same as text.
  static func text(_ write: (inout JournalWriter) -> Void) -> String { String(decoding: bytes(write), as: UTF8.self) }

  /// Punctuation and member names, as they stand.
  @inline(__always) mutating func raw(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func integer(_ value: Int64) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    unsigned(value.magnitude)
  }

  mutating func unsigned(_ value: UInt64) {
    if value < 10 { return bytes.append(UInt8(ascii: "0") + UInt8(value)) }
    var rest = value
    let start = bytes.count
    while rest > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    }
    bytes[start...].reverse()
  }

  /// The shortest decimal that reads back as the same number; not finite: `"NaN"`, `"+Inf"`, `"-Inf"`.
  mutating func double(_ value: Double) {
    if value.isNaN { return raw("\"NaN\"") }
    if value.isInfinite { return value < 0 ? raw("\"-Inf\"") : raw("\"+Inf\"") }
    bytes.append(contentsOf: value.description.utf8)
  }

  mutating func bool(_ value: Bool) { value ? raw("true") : raw("false") }

  /// A JSON string: `"`, `\` and control characters escaped, everything else as UTF-8.
  mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      if utf8.contains(where: Self.mustEscape) { utf8.forEach { escaped($0) } } else { bytes.append(contentsOf: utf8) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func optional(_ text: String?) { text.map { string($0) } ?? raw("null") }

  /// `[a,b,c]`
  mutating func list<S: Sequence>(_ items: S, _ write: (inout JournalWriter, S.Element) -> Void) {
    raw("[")
    var first = true
    for item in items {
      if !first { raw(",") }
      first = false
      write(&self, item)
    }
    raw("]")
  }

  /// `"2026-11-21T13:05:00.123Z"`; an instant outside the years 0000 to 9999 as a number of milliseconds.
  mutating func time(_ instant: Timestamp) {
    guard instant.hasRFC3339Form else { return integer(instant.milliseconds) }
    if dated.instant != instant {
      dated = (instant, [UInt8(ascii: "\"")])
      instant.appendRFC3339(to: &dated.text)
      dated.text.append(UInt8(ascii: "\""))
    }
    bytes.append(contentsOf: dated.text)
  }

  private static func mustEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  /// Control characters that have no short escape.
  static func isEscapedByNumber(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\t") && byte != UInt8(ascii: "\r")
  }

  private mutating func escaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): raw("\\\"")
    case UInt8(ascii: "\\"): raw("\\\\")
    case UInt8(ascii: "\n"): raw("\\n")
    case UInt8(ascii: "\t"): raw("\\t")
    case UInt8(ascii: "\r"): raw("\\r")
    case 0..<0x20:
      raw("\\u00")
      bytes.append(Self.hex[Int(byte >> 4)])
      bytes.append(Self.hex[Int(byte & 15)])
    default: bytes.append(byte)
    }
  }

  private static let hex = Array("0123456789abcdef".utf8)
}
