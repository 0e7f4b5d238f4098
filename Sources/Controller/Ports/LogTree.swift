package import Proofs

/// The Merkle tree over the journal, as a store keeps it for whoever signs. Called from the controller's one thread.
package protocol LogTree: AnyObject {
  /// Takes up to `limit` entries more into the tree; returns how many are left.
  func growTree(by limit: Int) throws(JournalFailure) -> Int64

  /// Of all entries that are in the tree.
  func treeHead() throws(JournalFailure) -> TreeHead

  /// The root of the tree over the first `size` entries; `nil`: it cannot be told any more, or not yet.
  func root(of size: Int64) throws(JournalFailure) -> TreeHash?

  /// The newest checkpoint that the journal has; `nil`: none.
  func lastCheckpoint() throws(JournalFailure) -> RecordedCheckpoint?

  /// Checkpoints of more than `size` entries that the journal has, in order.
  func checkpoints(after size: Int64, limit: Int) throws(JournalFailure) -> [SignedNote]
}

/// What a checkpoint says of a journal.
package struct TreeHead: Hashable, Sendable {
  package var size: Int64
  package var root: TreeHash
  /// The hash chain at entry `size`, 32 bytes.
  package var chain: [UInt8]

  package init(size: Int64, root: TreeHash, chain: [UInt8]) {
    self.size = size
    self.root = root
    self.chain = chain
  }
}

/// A checkpoint as the journal has it.
package struct RecordedCheckpoint: Hashable, Sendable {
  package var size: Int64
  /// How many of the entries after `size` are records of checkpoints: they alone are no reason for another one.
  package var records: Int64
  package var note: SignedNote

  package init(size: Int64, records: Int64, note: SignedNote) {
    self.size = size
    self.records = records
    self.note = note
  }
}
