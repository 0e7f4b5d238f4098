package import Controller
import Engine
import GRDB
import PipelineModel
package import Proofs

// What a process makes proofs from that only looks. Each call sees the store as of one commit.

extension ReadingStore {
  /// Of all entries there are.
  package func treeHead() throws(JournalFailure) -> TreeHead {
    try proofs { db, tree in
      let rows = try Prepared(db, "SELECT seq, hash FROM head")
      guard try rows.step() else { throw damaged(1) }
      defer { rows.reset() }
      return TreeHead(
        size: rows.integer(0), root: try tree.tree(rows.integer(0)).root(), chain: Array(rows.bytes(1)))
    }
  }

  package func root(of size: Int64) throws(JournalFailure) -> TreeHash {
    try proofs { _, tree in try tree.tree(size).root() }
  }

  /// The newest that the journal has on record; `nil`: none.
  package func lastCheckpoint() throws(JournalFailure) -> RecordedCheckpoint? { try read { try $0.lastCheckpoint() } }

  /// Checkpoints of more than `size` entries that the journal has, in order.
  package func checkpoints(after size: Int64, limit: Int = .max) throws(JournalFailure) -> [SignedNote] {
    try read { try $0.checkpoints(after: size, limit: limit) }
  }

  /// An entry's canonical bytes, and the way from it to the root of the tree over the first `size` entries.
  ///
  /// - Parameter sequence: from 1 to `size`.
  package func inclusion(
    of sequence: Int64, in size: Int64
  ) throws(JournalFailure) -> (entry: String, path: [TreeHash]) {
    try proofs { db, tree in
      var text: String?
      try source(db).forEach(in: sequence...sequence) { text = String(decoding: $1, as: UTF8.self) }
      guard let text else { throw damaged(sequence) }
      return (text, try tree.tree(size).inclusion(of: sequence - 1))
    }
  }

  /// What shows that the first `old` entries are the beginning of the first `new` ones.
  package func consistency(from old: Int64, to new: Int64) throws(JournalFailure) -> [TreeHash] {
    try proofs { _, tree in try tree.tree(new).consistency(with: old) }
  }

  private func proofs<T>(_ body: (Database, StoredTree) throws -> T) throws(JournalFailure) -> T {
    try read { try body($0, StoredTree($0, source($0))) }
  }

  private func source(_ db: Database) throws -> EntrySource { try EntrySource(db, archive: folder(db)) }
}
