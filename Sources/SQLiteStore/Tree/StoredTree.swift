import Controller
import GRDB
import PipelineModel
import Proofs

/// The Merkle tree over a journal's entries: leaf `n - 1` is the canonical bytes of entry `n`.
///
/// Large subtrees come from the table `subtrees`, as far as it goes; the rest is hashed.
struct StoredTree {
  /// From this level on subtrees stand in the table.
  static let tableLevel = 8
  static let leavesOfARow: Int64 = 1 << 8

  private let rows: Prepared
  private let source: EntrySource

  init(_ db: Database, _ source: EntrySource) throws {
    rows = try Prepared(db, "SELECT hash FROM subtrees WHERE level = ?1 AND position = ?2")
    self.source = source
  }

  /// Over the entries 1 to `size`.
  func tree(_ size: Int64) -> Tree { Tree(size: size) { try hash(of: $0) } }

  func hash(of tree: Subtree) throws -> TreeHash {
    if let stored = try stored(tree) { return stored }
    // Its parts may stand there though it does not yet.
    if tree.level > Self.tableLevel { return .node(try hash(of: tree.left), try hash(of: tree.right)) }
    var forest = Forest(from: tree.first)
    try source.forEach(in: tree.first + 1...tree.first + tree.count) { forest.append(leaf: .leaf($1)) }
    guard forest.end == tree.first + tree.count, let hash = forest.only else { throw damaged(forest.end + 1) }
    return hash
  }

  /// The hashes beside the way from a row of 256 entries to the root over the first `size`, from the table alone; `size` is
  /// a multiple of 256.
  func way(fromRow row: Int64, size: Int64) throws -> [TreeHash] {
    // A tree whose leaves are rows splits where the tree over the entries does.
    try Tree(size: size / Self.leavesOfARow) { rows in
      let tree = Subtree(level: rows.level + Self.tableLevel, index: rows.index)
      guard let hash = try stored(tree) else {
        throw unreadable("subtrees", "level \(tree.level), position \(tree.index)")
      }
      return hash
    }.inclusion(of: row)
  }

  /// `nil`: it does not stand in the table.
  func stored(_ tree: Subtree) throws -> TreeHash? {
    guard tree.level >= Self.tableLevel else { return nil }
    rows.bind(1, Int64(tree.level))
    rows.bind(2, tree.index)
    defer { rows.reset() }
    return try rows.step() ? TreeHash(rows.bytes(0)) : nil
  }

  /// The tree over the first `size` leaves, from the table alone; `size` is a multiple of 256.
  func forest(_ size: Int64) throws -> Forest {
    var forest = Forest()
    while forest.end < size {
      var level = min(forest.end == 0 ? 62 : forest.end.trailingZeroBitCount, 62)
      while (Int64(1) << Int64(level)) > size - forest.end { level -= 1 }
      let tree = Subtree(level: level, index: forest.end >> Int64(level))
      guard let hash = try stored(tree) else {
        throw unreadable("subtrees", "level \(tree.level), position \(tree.index)")
      }
      forest.append(tree, hash)
    }
    return forest
  }
}

extension Database {
  /// How many leaves the table `subtrees` covers: a multiple of 256.
  func leavesInTable() throws -> Int64 {
    let last = try Int64.fetchOne(
      self, sql: "SELECT max(position) FROM subtrees WHERE level = \(StoredTree.tableLevel)")
    return last.map { ($0 + 1) * StoredTree.leavesOfARow } ?? 0
  }
}

/// Where entries are read from: the store, and for those that are no longer there, an archive.
struct EntrySource {
  private let db: Database
  private let rows: Prepared
  private let archived: Int64
  private let archive: ArchiveFolder?

  init(_ db: Database, archive: ArchiveFolder? = nil) throws {
    self.db = db
    rows = try Prepared(db, "SELECT seq, entry FROM journal WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq")
    archived = try db.archivedPart().last
    self.archive = archive
  }

  /// In order, without a gap; ends early when the journal does. The bytes are valid during the call.
  func forEach(
    in range: ClosedRange<Int64>, _ visit: (Int64, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    if range.lowerBound <= archived {
      guard let archive else { throw try db.liesInArchive(range.lowerBound) }
      try archive.forEach(in: range.lowerBound...min(range.upperBound, archived), visit)
    }
    guard range.upperBound > archived else { return }
    rows.bind(1, max(range.lowerBound, archived + 1))
    rows.bind(2, range.upperBound)
    defer { rows.reset() }
    while try rows.step() { try visit(rows.integer(0), rows.bytes(1)) }
  }
}
