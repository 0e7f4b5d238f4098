import PipelineModel

/// Comma-separated values as RFC 4180 has them; lines may end with LF alone.
struct CSVReader {
  struct Row {
    /// Of its beginning, from 1.
    var line: Int
    var cells: [String]
  }

  private let bytes: ArraySlice<UInt8>
  private var place: Int
  private var line = 1

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
    // A mark that some editors put before UTF-8.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { place += 3 }
  }

  private var current: UInt8? { place < bytes.endIndex ? bytes[place] : nil }

  mutating func next() throws(Failure) -> Row? {
    guard current != nil else { return nil }
    var row = Row(line: line, cells: [])
    while true {
      row.cells.append(try cell())
      if current == UInt8(ascii: ",") {
        place += 1
        continue
      }
      if current == UInt8(ascii: "\r") { place += 1 }
      guard current == nil || current == UInt8(ascii: "\n") else {
        throw Failure(.misconfigured, "line \(line): a comma or the end of the line is wanted behind the quotes")
      }
      place += 1
      line += 1
      return row
    }
  }

  private mutating func cell() throws(Failure) -> String {
    if current == UInt8(ascii: "\"") { return try quoted() }
    let start = place
    while let byte = current, ![UInt8(ascii: ","), UInt8(ascii: "\n")].contains(byte) { place += 1 }
    var end = place
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return try text(bytes[start..<end])
  }

  private mutating func quoted() throws(Failure) -> String {
    let begin = line
    var content: [UInt8] = []
    place += 1
    while let byte = current {
      place += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      if byte != UInt8(ascii: "\"") {
        content.append(byte)
      } else if current == UInt8(ascii: "\"") {
        place += 1
        content.append(byte)
      } else {
        return try text(content[...])
      }
    }
    throw Failure(.misconfigured, "line \(begin): the quotes that open there have no end")
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(Failure) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    throw Failure(.misconfigured, "line \(line): this is not UTF-8")
  }
}
