import Glibc

/// Bytes as they come → lines, none longer than the limit.
struct LineSplitter {
  let limit: Int
  private var rest: [UInt8] = []
  private(set) var hasOverflowed = false

  init(limit: Int) { self.limit = limit }

  /// Whole lines, without their ends. A longer one than allowed ends everything.
  mutating func lines(in chunk: UnsafeRawBufferPointer) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var at = 0
    while !hasOverflowed, let length = Self.lengthOfLine(in: chunk, from: at) {
      rest.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[at..<at + length]))
      at += length + 1
      if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
      if rest.count > limit { hasOverflowed = true } else { lines.append(rest) }
      rest.removeAll(keepingCapacity: true)
    }
    let remainder = UnsafeRawBufferPointer(rebasing: chunk[at...])
    if rest.count + remainder.count > limit { hasOverflowed = true } else { rest.append(contentsOf: remainder) }
    return lines
  }

  /// `nil`: it does not end here.
  private static func lengthOfLine(in chunk: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard start < chunk.count, let base = chunk.baseAddress else { return nil }
    let begin = base + start
    return memchr(begin, 0x0A, chunk.count - start).map { UnsafeRawPointer($0) - begin }
  }
}
