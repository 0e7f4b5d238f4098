import PipelineModel
import PluginKit

/// Makes a recording of a file's bytes.
///
/// A last line without a line break is being written, and is left for the next look.
struct RecordingReader {
  enum Format: String, CaseIterable { case csv, jsonl }

  var format: Format
  /// Name of the column with the times.
  var timeColumn: String

  /// - Throws: `misconfigured` with the line of the mistake.
  func recording(in bytes: [UInt8]) throws(Failure) -> Recording {
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return Recording([]) }
    switch format {
    case .csv: return try table(bytes[...end])
    case .jsonl: return try objects(bytes[...end])
    }
  }

  private func objects(_ bytes: ArraySlice<UInt8>) throws(Failure) -> Recording {
    var records: [Recording.Record] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }) { continue }
      records.append(try record(try values(line, index + 1), index + 1))
    }
    return Recording(records)
  }

  private func values(_ line: ArraySlice<UInt8>, _ number: Int) throws(Failure) -> [String: Recording.Cell] {
    let answer: Answer
    do {
      answer = try JSONReader.answer(in: line)
    } catch {
      throw Failure(.misconfigured, "line \(number), column \(error.column): \(error.message)")
    }
    guard case .object(let members) = answer else {
      throw Failure(.misconfigured, "line \(number): an object such as {\"\(timeColumn)\": …} is wanted")
    }
    var values: [String: Recording.Cell] = [:]
    for member in members { Self.add(member, under: "", to: &values) }
    return values
  }

  /// Members of members are columns too: `latency.p95`.
  private static func add(_ member: Answer.Member, under prefix: String, to values: inout [String: Recording.Cell]) {
    let name = prefix + member.name
    switch member.value {
    case .number(let number): values[name] = .number(number)
    case .text(let text): values[name] = .text(text)
    case .bool(let isTrue): values[name] = .text("\(isTrue)")
    case .object(let members): for each in members { add(each, under: "\(name).", to: &values) }
    case .null, .list: break
    }
  }

  private func record(_ values: [String: Recording.Cell], _ line: Int) throws(Failure) -> Recording.Record {
    guard let cell = values[timeColumn] else {
      throw Failure(
        .misconfigured, "line \(line): there is no \"\(timeColumn)\"; say by `time` which column has the time")
    }
    guard let time = Timestamp(recorded: cell) else {
      throw Failure(
        .misconfigured, "line \(line): \"\(timeColumn)\" is neither seconds since 1970 nor like 2026-11-21T16:15:00Z")
    }
    return Recording.Record(time: time, values: values)
  }

  private func table(_ bytes: ArraySlice<UInt8>) throws(Failure) -> Recording {
    var rows = CSVReader(bytes)
    guard let head = try rows.next(), let names = try Self.names(head) else { return Recording([]) }
    var records: [Recording.Record] = []
    while let row = try rows.next() {
      if row.cells == [""] { continue }
      guard row.cells.count == names.count else {
        throw Failure(
          .misconfigured, "line \(row.line): \(row.cells.count) columns, and the first line has \(names.count)")
      }
      var values: [String: Recording.Cell] = [:]
      for (name, cell) in zip(names, row.cells) where !cell.isEmpty { values[name] = .text(cell) }
      records.append(try record(values, row.line))
    }
    return Recording(records)
  }

  private static func names(_ head: CSVReader.Row) throws(Failure) -> [String]? {
    let names = head.cells.map { String($0.drop(while: \.isWhitespace)) }
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw Failure(.misconfigured, "line \(head.line): the column \"\(twice.excerpt(40))\" is there twice")
    }
    return names
  }
}
