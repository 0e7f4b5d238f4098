import Controller
import Engine
import GRDB
import PipelineModel

/// Checks entries one after the other, on one connection.
struct EntryCheck {
  private let rows: Prepared
  private let before: Prepared
  private var measurements = MeasurementReader()
  private(set) var sums = LinkSums()
  private(set) var targets = TargetsInJournal()
  private(set) var flags = FlagsInJournal()

  /// What an entry is checked against.
  private struct Neighbour {
    var sequence: Int64
    var hash: ChainHash
    var time: Timestamp?
  }

  init(_ db: Database) throws {
    rows = try Prepared(db, "SELECT seq, entry, hash FROM journal WHERE seq >= ?1 ORDER BY seq")
    before = try Prepared(db, "SELECT entry, hash FROM journal WHERE seq = ?1")
  }

  /// The first range takes in whatever stands before entry 1, the last whatever stands after the end.
  mutating func firstFinding(in range: ClosedRange<Int64>, isLast: Bool) -> AuditFinding? {
    var at = range.lowerBound
    do {
      guard var last = try neighbour(before: range.lowerBound) else { return nil }
      rows.bind(1, range.lowerBound == 1 ? .min : range.lowerBound)
      defer { rows.reset() }
      while isLast || at <= range.upperBound, try rows.step() {
        if let finding = check(&last) { return finding }
        at = last.sequence + 1
      }
      return isLast || at > range.upperBound ? nil : AuditFinding(at, .missing)
    } catch {
      return AuditFinding(at, .unreadable("\(error)"))
    }
  }

  /// `nil` when the entry before the range is missing or has no hash: whoever checks the range before this one finds it.
  private func neighbour(before sequence: Int64) throws -> Neighbour? {
    if sequence == 1 { return Neighbour(sequence: 0, hash: .origin) }
    before.bind(1, sequence - 1)
    defer { before.reset() }
    guard try before.step(), let hash = ChainHash(before.bytes(1)) else { return nil }
    return Neighbour(sequence: sequence - 1, hash: hash, time: EntryHeader(canonical: before.bytes(0))?.time)
  }

  private mutating func check(_ last: inout Neighbour) -> AuditFinding? {
    let sequence = rows.integer(0)
    let expected = last.sequence + 1
    if sequence > expected { return AuditFinding(expected, .missing) }
    let bytes = rows.bytes(1)
    if sequence < expected {
      return AuditFinding(sequence, .misplaced(holds: EntryHeader(canonical: bytes)?.sequence ?? 0))
    }
    let hash = last.hash.next(bytes)
    guard hash == ChainHash(rows.bytes(2)) else {
      return AuditFinding(sequence, Self.mismatch(of: bytes, at: sequence))
    }
    return checkMeaning(of: bytes, hash, sequence, &last)
  }

  /// A wrong hash, explained by the number in the bytes where there is another.
  private static func mismatch(of bytes: UnsafeRawBufferPointer, at sequence: Int64) -> AuditFinding.Kind {
    guard let holds = EntryHeader(canonical: bytes)?.sequence, holds != sequence else { return .hashDiffers }
    return .misplaced(holds: holds)
  }

  /// The chain holds; whoever made it may still have written what Headgate does not write.
  private mutating func checkMeaning(
    of bytes: UnsafeRawBufferPointer, _ hash: ChainHash, _ sequence: Int64, _ last: inout Neighbour
  ) -> AuditFinding? {
    let header: EntryHeader
    do throws(DamagedEntry) {
      header = try wholeHeader(of: bytes)
    } catch {
      return AuditFinding(sequence, .notCanonical(offset: error.position))
    }
    if header.sequence != sequence { return AuditFinding(sequence, .misplaced(holds: header.sequence)) }
    if let time = last.time, header.time < time { return AuditFinding(sequence, .timeRunsBack) }
    sums.add(header)
    last = Neighbour(sequence: sequence, hash: hash, time: header.time)
    return nil
  }

  /// The header of an entry that was read to its end.
  private mutating func wholeHeader(of bytes: UnsafeRawBufferPointer) throws(DamagedEntry) -> EntryHeader {
    if let measurement = measurements.read(bytes) { return measurement.header }
    let entry = try bytes.withMemoryRebound(to: UInt8.self) { buffer throws(DamagedEntry) in
      try Entry(canonical: buffer)
    }
    if case .started(let start) = entry.fact, let run = entry.run { sums.add(RunStart(entry, run, start)) }
    targets.add(entry)
    flags.add(entry)
    return EntryHeader(of: entry)
  }
}
