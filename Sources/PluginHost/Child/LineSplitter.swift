/// Bytes as they come → lines, none longer than the limit.
struct LineSplitter {
  let limit: Int
  private var rest: [UInt8] = []
  private(set) var hasOverflowed = false

  init(limit: Int) { self.limit = limit }

  /// Whole lines, without their ends. A longer one than allowed ends everything.
  mutating func lines(in chunk: UnsafeRawBufferPointer) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var chunk = chunk[...]
    while !hasOverflowed, let end = chunk.firstIndex(of: UInt8(ascii: "\n")) {
      rest.append(contentsOf: chunk[..<end])
      chunk = chunk[(end + 1)...]
      if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
      if rest.count > limit { hasOverflowed = true } else { lines.append(rest) }
      rest.removeAll(keepingCapacity: true)
    }
    if rest.count + chunk.count > limit { hasOverflowed = true } else { rest.append(contentsOf: chunk) }
    return lines
  }
}
