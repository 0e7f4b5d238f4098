import PipelineModel

/// A minute as it was read in a time. Times of a journal only rise, so the next one is most likely of the same minute.
struct ReadMinute {
  /// Of `"2026-11-21T13:05:00.123Z"`, quotation marks included.
  static let length = Timestamp.rfc3339Length + 2

  /// `2026-11-21T13:05`; what no time is, before the first.
  private var text: (UInt64, UInt64) = (0, 0)
  private var start = Timestamp(milliseconds: 0)

  init() {}

  /// Of the time that stands at `position`, and was found to be `instant`.
  init(of bytes: UnsafeRawBufferPointer, at position: Int, _ instant: Timestamp) {
    guard position + Self.length <= bytes.count, bytes[position] == UInt8(ascii: "\"") else { return }
    text = Self.text(bytes, position)
    start = Timestamp(milliseconds: instant.milliseconds - Self.pastTheMinute(bytes, position).milliseconds)
  }

  /// `nil` when another minute stands there, or something that is no time in canonical form.
  @inline(__always)
  func instant(of bytes: UnsafeRawBufferPointer, at position: Int) -> Timestamp? {
    guard position + Self.length <= bytes.count, Self.text(bytes, position) == text else { return nil }
    let (strange, milliseconds) = Self.pastTheMinute(bytes, position)
    guard strange < 10, bytes[position] == UInt8(ascii: "\""), bytes[position + 17] == UInt8(ascii: ":"),
      bytes[position + 20] == UInt8(ascii: "."), bytes[position + 24] == UInt8(ascii: "Z"),
      bytes[position + 25] == UInt8(ascii: "\""), milliseconds < 60_000
    else { return nil }
    return Timestamp(milliseconds: start.milliseconds + milliseconds)
  }

  @inline(__always)
  private static func text(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> (UInt64, UInt64) {
    (
      bytes.loadUnaligned(fromByteOffset: position + 1, as: UInt64.self),
      bytes.loadUnaligned(fromByteOffset: position + 9, as: UInt64.self)
    )
  }

  /// Seconds and their fraction. Anything but a digit makes `strange` 10 or more.
  @inline(__always)
  private static func pastTheMinute(
    _ bytes: UnsafeRawBufferPointer, _ position: Int
  ) -> (strange: UInt8, milliseconds: Int64) {
    let (tens, seconds) = (bytes[position + 18] &- 48, bytes[position + 19] &- 48)
    let (tenths, hundredths) = (bytes[position + 21] &- 48, bytes[position + 22] &- 48)
    let thousandths = bytes[position + 23] &- 48
    let fraction = Int64(tenths) * 100 + Int64(hundredths) * 10 + Int64(thousandths)
    let strange = max(max(tens, seconds), max(tenths, hundredths), thousandths)
    return (strange, (Int64(tens) * 10 + Int64(seconds)) * 1000 + fraction)
  }
}
