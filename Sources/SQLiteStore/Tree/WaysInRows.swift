import Engine
import GRDB
import PipelineModel
import Proofs

/// The ways from entries to the subtrees of 256 that the table `subtrees` has. Together with the table they lead to the root
/// of a segment, so an entry is proved without its neighbours.
struct WaysInRows {
  private let db: Database
  /// The row that was looked at last, and its subtrees by level, from the leaves up.
  private var row: Int64 = -1
  private var levels: [[TreeHash]] = []

  init(_ db: Database) { self.db = db }

  /// An entry that is in the store, in a row that is.
  mutating func carried(_ sequence: Int64) throws -> CarriedEntry {
    try look(at: (sequence - 1) / StoredTree.leavesOfARow)
    let index = (sequence - 1) % StoredTree.leavesOfARow
    let levels = levels
    let way = try Tree(size: StoredTree.leavesOfARow) { levels[$0.level][Int($0.index)] }.inclusion(of: index)
    return CarriedEntry(
      original: sequence, text: try text(of: sequence), path: way.map(\.bytes.hex).joined())
  }

  private mutating func look(at row: Int64) throws {
    guard row != self.row else { return }
    let first = row * StoredTree.leavesOfARow + 1
    var leaves: [TreeHash] = []
    try EntrySource(db).forEach(in: first...first + StoredTree.leavesOfARow - 1) { leaves.append(.leaf($1)) }
    guard leaves.count == Int(StoredTree.leavesOfARow) else { throw damaged(first + Int64(leaves.count)) }
    levels = [leaves]
    while let below = levels.last, below.count > 1 {
      levels.append(stride(from: 0, to: below.count, by: 2).map { .node(below[$0], below[$0 + 1]) })
    }
    self.row = row
  }

  private func text(of sequence: Int64) throws -> String {
    var text: String?
    try EntrySource(db).forEach(in: sequence...sequence) { text = String(decoding: $1, as: UTF8.self) }
    guard let text else { throw damaged(sequence) }
    return text
  }
}

extension CarriedEntry {
  /// The hashes of `path`; `nil`: it is not as Headgate writes it.
  var way: [TreeHash]? {
    guard path.utf8.count == StoredTree.tableLevel * 2 * TreeHash.size, let bytes = [UInt8](hex: path) else {
      return nil
    }
    return stride(from: 0, to: bytes.count, by: TreeHash.size).compactMap {
      TreeHash(Array(bytes[$0..<$0 + TreeHash.size]))
    }
  }
}
