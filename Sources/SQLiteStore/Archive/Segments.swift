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
  /// The hash chain at `last`; `nil`: the table is not as Headgate writes it.
  var hash: ChainHash? {
    guard let last = segments.last else { return .origin }
    return ChainHash(hex: last.segment.after)
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

  /// The first entry that something unfinished still needs, and what that is; `nil`: nothing does.
  func firstNeeded() throws -> (sequence: Int64, by: String)? {
    let rows = try Prepared(
      self,
      """
      SELECT progress.run, runs.first FROM progress JOIN runs ON runs.id = progress.run
      WHERE progress.ended_at IS NULL
      """)
    var needed: (sequence: Int64, by: String)?
    while try rows.step() {
      let (run, first) = (RunID(rows.integer(0)), rows.integer(1))
      guard case .started(let start)? = try entry(first)?.fact else { throw damaged(first) }
      let here = min(first, start.definition == 0 ? first : start.definition)
      if here < needed?.sequence ?? .max { needed = (here, "run \(run), which has not ended") }
    }
    let opened = try Int64.fetchOne(self, sql: "SELECT min(opened) FROM incidents WHERE closed IS NULL")
    if let opened, opened < needed?.sequence ?? .max { needed = (opened, "an incident that is open") }
    if let flag = try firstNeededByFlags(), flag.sequence < needed?.sequence ?? .max { needed = flag }
    return needed
  }

  /// What a ledger is restored from: the newest revision of each flag, proposals that wait, and the newest of all, whose
  /// number none may have again.
  private func firstNeededByFlags() throws -> (sequence: Int64, by: String)? {
    let rows = try Prepared(
      self,
      """
      SELECT seq, 'flag ' || environment || '/' || key || ', whose newest revision it is' FROM flags
      UNION ALL
      SELECT seq, 'proposal ' || id || ' to change a flag' FROM flag_proposals
      WHERE pending = 1 OR id = (SELECT max(id) FROM flag_proposals)
      ORDER BY 1 LIMIT 1
      """)
    defer { rows.reset() }
    return try rows.step() ? (rows.integer(0), rows.text(1)) : nil
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
      if let needed = try db.firstNeeded(), needed.sequence <= segment.last {
        return Refusal("entry \(needed.sequence) is still needed by \(needed.by)")
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
    case .read: break
    case .sealed(let segment): try remove(segment, at: sequence)
    }
  }

  /// The one way in which entries leave the store. The trigger lets those go that `segments` names.
  private func remove(_ segment: SealedSegment, at sequence: Int64) throws {
    try db.execute(
      sql: "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        segment.first, segment.last, segment.before, segment.after, segment.root, segment.file, sequence,
      ])
    try db.execute(sql: "DELETE FROM journal WHERE seq <= ?", arguments: [segment.last])
    for table in ["definitions", "flag_revisions", "flag_proposals"] {
      try db.execute(sql: "DELETE FROM \(table) WHERE seq <= ?", arguments: [segment.last])
    }
    try db.execute(sql: "DELETE FROM forms WHERE definition <= ?", arguments: [segment.last])
    try db.execute(sql: "DELETE FROM moments WHERE seq <= ?", arguments: [segment.last])
  }
}
