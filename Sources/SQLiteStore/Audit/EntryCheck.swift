import Controller
import Engine
import GRDB
import PipelineModel
import Proofs

/// Checks entries one after the other, on one connection.
struct EntryCheck {
  private let rows: Prepared
  private let before: Prepared
  private let start: EntryMeaning.Neighbour
  private(set) var meaning: EntryMeaning
  /// The last entry that was found to be right.
  private(set) var end: EntryMeaning.Neighbour

  /// - Parameters:
  ///   - start: the entry before the first.
  ///   - known: entries after this one are known; unless given, those after `start`.
  ///   - reach: entries of runs up to here have their moments in the table.
  init(
    _ db: Database, after start: EntryMeaning.Neighbour = .init(sequence: 0, hash: .origin),
    knowing known: Int64? = nil,
    reaching reach: Int64 = .max
  ) throws {
    rows = try Prepared(db, "SELECT seq, entry, hash FROM journal WHERE seq >= ?1 ORDER BY seq")
    before = try Prepared(db, "SELECT entry, hash FROM journal WHERE seq = ?1")
    self.start = start
    end = start
    meaning = EntryMeaning(after: known ?? start.sequence, reaching: reach)
  }

  /// The first range takes in whatever stands before the first entry, the last whatever stands after the end.
  mutating func firstFinding(in range: ClosedRange<Int64>, isLast: Bool) -> AuditFinding? {
    var none: RangeTree?
    return firstFinding(in: range, isLast: isLast, growing: &none)
  }

  /// - Parameter tree: of the range; `nil`: none is wanted.
  mutating func firstFinding(
    in range: ClosedRange<Int64>, isLast: Bool, growing tree: inout RangeTree?
  ) -> AuditFinding? {
    var at = range.lowerBound
    do {
      guard var last = try neighbour(before: range.lowerBound) else { return nil }
      rows.bind(1, range.lowerBound == start.sequence + 1 ? .min : range.lowerBound)
      defer { rows.reset() }
      while isLast || at <= range.upperBound, try rows.step() {
        if let finding = try check(&last, &tree) { return finding }
        at = last.sequence + 1
        end = last
      }
      return isLast || at > range.upperBound ? nil : AuditFinding(at, .missing)
    } catch {
      return AuditFinding(at, .unreadable("\(error)"))
    }
  }

  /// `nil` when the entry before the range is missing or has no hash: whoever checks the range before this one finds it.
  private func neighbour(before sequence: Int64) throws -> EntryMeaning.Neighbour? {
    if sequence == start.sequence + 1 { return start }
    before.bind(1, sequence - 1)
    defer { before.reset() }
    guard try before.step(), let hash = ChainHash(before.bytes(1)) else { return nil }
    return .init(sequence: sequence - 1, hash: hash, time: EntryHeader(canonical: before.bytes(0))?.time)
  }

  private mutating func check(_ last: inout EntryMeaning.Neighbour, _ tree: inout RangeTree?) throws -> AuditFinding? {
    let sequence = rows.integer(0)
    let expected = last.sequence + 1
    if sequence > expected { return AuditFinding(expected, .missing) }
    let bytes = rows.bytes(1)
    if sequence < expected {
      // Put in before the first; anywhere else the table itself does not hold together.
      guard last.sequence == start.sequence, !bytes.isEmpty else {
        return AuditFinding(expected, .unreadable("the rows of the journal are not in order"))
      }
      return AuditFinding(sequence, .misplaced(holds: EntryHeader(canonical: bytes)?.sequence ?? 0))
    }
    let hash = last.hash.next(bytes)
    guard hash == ChainHash(rows.bytes(2)) else {
      return AuditFinding(sequence, Self.mismatch(of: bytes, at: sequence))
    }
    if let finding = meaning.check(bytes, hash, sequence, &last) { return finding }
    return try tree?.append(bytes, hash)
  }

  /// A wrong hash, explained by the number in the bytes where there is another.
  private static func mismatch(of bytes: UnsafeRawBufferPointer, at sequence: Int64) -> AuditFinding.Kind {
    guard let holds = EntryHeader(canonical: bytes)?.sequence, holds != sequence else { return .hashDiffers }
    return .misplaced(holds: holds)
  }
}
