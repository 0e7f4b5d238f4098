import Engine
import PipelineModel

extension Audit {
  package enum Format: String, Hashable, Sendable, CaseIterable {
    /// Each entry's canonical bytes with its hash as one more member at the end: taken out again, the hash chain can
    /// be recomputed.
    case jsonLines
    /// RFC 4180, with a header line. Cells that a spreadsheet would take for a formula begin with an apostrophe.
    case csv
  }

  /// Writes the entries that fit, in the filter's order; `write` gets some tens of kilobytes at a time.
  ///
  /// - Returns: how many there were.
  @discardableResult
  package static func export(
    _ store: ReadingStore, _ filter: EntryFilter = EntryFilter(), as format: Format, to write: ([UInt8]) throws -> Void
  ) throws -> Int {
    var buffer = format == .csv ? CSV.header : []
    var count = 0
    try store.forEachEntry(filter) { line in
      switch format {
      case .jsonLines: line.appendJSON(to: &buffer)
      case .csv: CSV.append(line, to: &buffer)
      }
      count += 1
      if buffer.count > 1 << 16 {
        try write(buffer)
        buffer.removeAll(keepingCapacity: true)
      }
      return true
    }
    if !buffer.isEmpty { try write(buffer) }
    return count
  }
}

extension AuditLine {
  /// The entry as one line of JSON with its hash.
  package var json: String {
    var bytes: [UInt8] = []
    appendJSON(to: &bytes)
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  fileprivate func appendJSON(to buffer: inout [UInt8]) {
    buffer += canonical.dropLast()
    buffer += ",\"hash\":\"".utf8
    buffer += hexHash.utf8
    buffer += "\"}\n".utf8
  }
}

/// Comma-separated values by RFC 4180.
private enum CSV {
  static let header = Array(
    "seq,time,run,service,environment,actor,origin,reason,kind,fact,decided,hash\r\n".utf8)

  static func append(_ line: AuditLine, to buffer: inout [UInt8]) {
    let entry = line.entry
    let cells = [
      "\(entry.sequence)", entry.time.rfc3339, entry.run?.description ?? "", line.target?.service ?? "",
      line.target?.environment ?? "", entry.actor.description, entry.origin, entry.reason ?? "",
      entry.fact.kind.rawValue, entry.fact.canonicalText, entry.decisions.isEmpty ? "" : entry.decisions.canonicalText,
      line.hexHash,
    ]
    for (index, cell) in cells.enumerated() {
      if index > 0 { buffer.append(UInt8(ascii: ",")) }
      append(cell, to: &buffer)
    }
    buffer += [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
  }

  private static func append(_ cell: String, to buffer: inout [UInt8]) {
    let guarded = isFormula(cell) ? "'" + cell : cell
    guard guarded.utf8.contains(where: mustQuote) else { return buffer += guarded.utf8 }
    buffer.append(UInt8(ascii: "\""))
    for byte in guarded.utf8 {
      if byte == UInt8(ascii: "\"") { buffer.append(byte) }
      buffer.append(byte)
    }
    buffer.append(UInt8(ascii: "\""))
  }

  private static func mustQuote(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  /// A spreadsheet would compute it: the first character, blanks before it aside.
  private static func isFormula(_ cell: String) -> Bool {
    guard let first = cell.unicodeScalars.first else { return false }
    if "\t\r\n".unicodeScalars.contains(first) { return true }
    let visible = cell.unicodeScalars.first { !$0.properties.isWhitespace }
    return visible.map { "=+-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains($0) } ?? false
  }
}
