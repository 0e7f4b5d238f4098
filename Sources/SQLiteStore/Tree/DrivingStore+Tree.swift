package import Controller
import GRDB
import PipelineModel
package import Proofs

/// The tree as the driver keeps it: grown in slices, so that a checkpoint never hashes what an earlier one did.
extension DrivingStore {
  /// Takes up to `limit` entries more into the tree.
  ///
  /// - Returns: how many are left.
  package func growTree(by limit: Int) throws(JournalFailure) -> Int64 {
    var forest = try forest()
    let end = min(tip.sequence, forest.end + Int64(limit))
    guard forest.end < end else { return tip.sequence - forest.end }
    try transaction { db in
      let add = try Prepared(cachedBy: db, "INSERT OR REPLACE INTO subtrees VALUES (?1, ?2, ?3)")
      try EntrySource(db).forEach(in: forest.end + 1...end) { _, bytes in
        try forest.append(leaf: .leaf(bytes)) { tree, hash in
          guard tree.level >= StoredTree.tableLevel else { return }
          add.bind(1, Int64(tree.level))
          add.bind(2, tree.index)
          try hash.withUnsafeBytes {
            add.bind(3, blob: $0)
            try add.run()
          }
        }
      }
      guard forest.end == end else { throw damaged(forest.end + 1) }
    }
    grown = forest
    return tip.sequence - end
  }

  /// What a checkpoint of all entries in the tree says.
  package func treeHead() throws(JournalFailure) -> TreeHead {
    let forest = try forest()
    let chain = try file.explained {
      try queue.writeWithoutTransaction { db in
        let rows = try Prepared(cachedBy: db, "SELECT hash FROM journal WHERE seq = ?1")
        rows.bind(1, forest.end)
        defer { rows.reset() }
        return try rows.step() ? Array(rows.bytes(0)) : forest.end == 0 ? Array(repeating: 0, count: 32) : []
      }
    }
    return TreeHead(size: forest.end, root: forest.root, chain: chain)
  }

  /// As far as it has been grown; first, what the table has.
  private func forest() throws(JournalFailure) -> Forest {
    if let grown { return grown }
    let forest = try file.explained {
      try queue.writeWithoutTransaction { db in
        try StoredTree(db, EntrySource(db)).forest(min(db.leavesInTable(), tip.sequence & ~255))
      }
    }
    grown = forest
    return forest
  }

  /// The newest checkpoints that the journal has behind the one of `size` entries, the oldest of them first.
  package func checkpoints(after size: Int64, limit: Int) throws(JournalFailure) -> [SignedNote] {
    try file.explained { try queue.writeWithoutTransaction { try $0.checkpoints(after: size, limit: limit) } }
  }

  package func lastCheckpoint() throws(JournalFailure) -> RecordedCheckpoint? {
    try file.explained { try queue.writeWithoutTransaction { try $0.lastCheckpoint() } }
  }

  /// The root of the tree over the first entries; `nil`: too many of them lie in an archive to tell.
  package func root(of size: Int64) throws(JournalFailure) -> TreeHash? {
    try file.explained {
      try queue.writeWithoutTransaction { db in
        guard try db.archivedPart().last <= size, size <= tip.sequence else { return nil }
        return try StoredTree(db, EntrySource(db)).tree(size).root()
      }
    }
  }
}
