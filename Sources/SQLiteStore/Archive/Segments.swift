import Controller
package import Engine
import Foundation
import GRDB
import PipelineModel
import Proofs

/// What of a journal lies in archives: the entries 1 to `last`.
struct ArchivedPart {
  var segments: [StoredSegment] = []

  /// 0: nothing does.
  var last: Int64 { segments.last?.segment.last ?? 0 }
  /// The segment with an entry; `nil`: it lies in none.
  func holding(_ sequence: Int64) -> StoredSegment? {
    segments.first { $0.segment.first <= sequence && sequence <= $0.segment.last }
  }

  /// The hash chain at `last`; `nil`: the table is not as Headgate writes it.
  var hash: ChainHash? {
    guard let last = segments.last else { return .origin }
    return ChainHash(hex: last.segment.after)
  }
}

/// What lies in archives, for whoever cannot look there.
package struct UnreadPart: Hashable, Sendable {
  /// The entries 1 to here.
  package var last: Int64
  /// Names of the files, the oldest first.
  package var files: [String]

  init(_ part: ArchivedPart) {
    last = part.last
    files = part.segments.map(\.segment.file)
  }
}

struct StoredSegment: Hashable {
  var segment: SealedSegment
  /// The entry that says so.
  var sequence: Int64
}

extension Database {
  func archivedPart() throws -> ArchivedPart {
    let rows = try Prepared(
      cachedBy: self, "SELECT first, last, before, after, root, file, seq FROM segments ORDER BY first")
    var part = ArchivedPart()
    while try rows.step() {
      part.segments.append(
        StoredSegment(
          segment: SealedSegment(
            first: rows.integer(0), last: rows.integer(1), before: rows.text(2), after: rows.text(3),
            root: rows.text(4), file: rows.text(5)), sequence: rows.integer(6)))
    }
    return part
  }

  /// The first entry of the oldest run that has not ended, and the run; `nil`: there is none. A run is restored from all of
  /// its entries, so it alone holds others back.
  func firstUnfinished() throws -> (sequence: Int64, run: RunID)? {
    let rows = try Prepared(
      self,
      """
      SELECT runs.first, runs.id FROM progress JOIN runs ON runs.id = progress.run
      WHERE progress.ended_at IS NULL ORDER BY runs.first LIMIT 1
      """)
    defer { rows.reset() }
    return try rows.step() ? (rows.integer(0), RunID(rows.integer(1))) : nil
  }
}

extension DrivingStore {
  package func refusal(ofSealing segment: SealedSegment) throws -> Refusal? {
    try queue.unsafeReentrantWrite { db in
      let part = try db.archivedPart()
      guard segment.first == part.last + 1, segment.before == part.hash?.hex else {
        return Refusal("the segment begins at entry \(segment.first), and the journal at entry \(part.last + 1)")
      }
      guard segment.last > segment.first, segment.last <= tip.sequence,
        segment.last.isMultiple(of: StoredTree.leavesOfARow)
      else { return Refusal("a segment ends at a multiple of \(StoredTree.leavesOfARow) entries within the journal") }
      if let first = try db.firstUnfinished(), first.sequence <= segment.last {
        return Refusal("run \(first.run) has not ended, and needs the entries from \(first.sequence) on")
      }
      let hash = try Data.fetchOne(db, sql: "SELECT hash FROM journal WHERE seq = ?", arguments: [segment.last])
      guard let hash, [UInt8](hash).hex == segment.after,
        try StoredTree(db, EntrySource(db)).tree(segment.last).root().bytes.hex == segment.root
      else { return Refusal("the segment does not hold what the journal does") }
      return nil
    }
  }

  /// What is to leave the store must be in the tree before.
  func growTree(through last: Int64) throws(JournalFailure) {
    while try treeHead().size < last { _ = try growTree(by: 65_536) }
  }
}

extension Entry {
  var sealedSegment: SealedSegment? { if case .audit(.sealed(let segment)) = fact { segment } else { nil } }
}

extension AppendStatements {
  /// What an entry about the journal itself changes beside the journal.
  func put(_ fact: AuditFact, at sequence: Int64) throws {
    switch fact {
    case .checkpointed(let size, let note):
      try db.execute(
        sql: "INSERT OR IGNORE INTO checkpoints VALUES (?, ?, ?)", arguments: [size, sequence, note])
    case .read, .sealRefused, .refused: break
    case .carried(let entry):
      try db.execute(sql: "INSERT OR REPLACE INTO carried VALUES (?, ?)", arguments: [entry.original, sequence])
    case .sealed(let segment): try remove(segment, at: sequence)
    }
  }

  /// The one way in which entries leave the store. The trigger lets those go that `segments` names. What points to them
  /// stays: it says what lies in the archive, and where.
  private func remove(_ segment: SealedSegment, at sequence: Int64) throws {
    if let left = try db.entriesToCarry(through: segment.last).first(where: { try !isCarried($0, behind: segment) }) {
      throw JournalFailure(
        .unusable, "entry \(left.original) is needed, and was not carried forward; nothing was moved")
    }
    try db.execute(
      sql: "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        segment.first, segment.last, segment.before, segment.after, segment.root, segment.file, sequence,
      ])
    try db.execute(sql: "DELETE FROM journal WHERE seq <= ?", arguments: [segment.last])
    for table in ["definitions", "carried"] {
      try db.execute(sql: "DELETE FROM \(table) WHERE seq <= ?", arguments: [segment.last])
    }
    try db.execute(
      sql: "DELETE FROM forms WHERE definition <= ? AND definition NOT IN (SELECT original FROM carried)",
      arguments: [segment.last])
  }

  private func isCarried(_ entry: CarriedEntry, behind segment: SealedSegment) throws -> Bool {
    try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT * FROM carried WHERE original = ? AND seq > ?)",
      arguments: [entry.original, segment.last]) ?? false
  }
}
