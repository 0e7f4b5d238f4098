import Controller
import GRDB
import PipelineModel
import Proofs

/// The tree over a range of entries that were gone through.
struct GrownTree: Sendable {
  var piece: Forest
  /// How it looked at the sizes that were asked for.
  var moments: [Moment] = []

  /// The journal when it had so many entries.
  struct Moment: Sendable {
    var piece: Forest
    var chain: ChainHash

    var size: Int64 { piece.end }
  }
}

/// The tree over a range of entries, while they are gone through; held against the table of subtrees.
struct RangeTree {
  private(set) var grown: GrownTree
  private var sizes: ArraySlice<Int64>
  private let table: StoredTree?

  /// - Parameters:
  ///   - sizes: those that are asked for, rising.
  ///   - table: what the subtrees are held against; `nil`: nothing.
  init(after start: Int64, sizes: [Int64], table: StoredTree?) {
    grown = GrownTree(piece: Forest(from: start))
    self.sizes = sizes.drop { $0 <= start }
    self.table = table
  }

  @inline(__always)
  mutating func append(_ bytes: UnsafeRawBufferPointer, _ chain: ChainHash) throws -> AuditFinding? {
    var finding: AuditFinding?
    try grown.piece.append(leaf: .leaf(bytes)) { tree, hash in
      guard tree.level >= StoredTree.tableLevel, let stored = try table?.stored(tree), stored != hash else { return }
      finding = finding ?? AuditFinding(tree.first + tree.count, .subtree(from: tree.first + 1))
    }
    if grown.piece.end == sizes.first {
      sizes.removeFirst()
      grown.moments.append(GrownTree.Moment(piece: grown.piece, chain: chain))
    }
    return finding
  }
}
