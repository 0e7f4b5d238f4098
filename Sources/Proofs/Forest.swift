/// A complete subtree: the leaves from `index · 2^level` on, `2^level` of them.
package struct Subtree: Hashable, Sendable {
  package var level: Int
  package var index: Int64

  package init(level: Int, index: Int64) {
    self.level = level
    self.index = index
  }

  /// How many leaves it has.
  package var count: Int64 { 1 << Int64(level) }
  /// Number of its first leaf, counted from 0.
  package var first: Int64 { index << Int64(level) }
  package var left: Subtree { Subtree(level: level - 1, index: index * 2) }
  package var right: Subtree { Subtree(level: level - 1, index: index * 2 + 1) }
}

/// What is known of a tree that grows at its right: the largest complete subtrees of the leaves so far, from left to
/// right. It has at most two for each level, and is all that is needed to go on, and to say the root.
///
/// One that begins at leaf 0 is a whole tree; others are pieces, which are put together in their order.
package struct Forest: Hashable, Sendable {
  /// Number of its first leaf, counted from 0.
  package let start: Int64
  /// Number of the leaf that would come next.
  package private(set) var end: Int64
  private var trees: [(tree: Subtree, hash: TreeHash)] = []

  package init(from start: Int64 = 0) {
    self.start = start
    end = start
  }

  /// Takes the next leaf.
  ///
  /// - Parameter made: called with each complete subtree that the leaf completes, the leaf itself not among them.
  @inline(__always)
  package mutating func append(leaf: TreeHash, made: (Subtree, TreeHash) throws -> Void) rethrows {
    try append(Subtree(level: 0, index: end), leaf, made: made)
  }

  /// Takes the complete subtree that comes next.
  package mutating func append(
    _ tree: Subtree, _ hash: TreeHash, made: (Subtree, TreeHash) throws -> Void
  ) rethrows {
    precondition(tree.first == end, "subtrees are put in from left to right, without a gap")
    end += tree.count
    var (tree, hash) = (tree, hash)
    while let last = trees.last, last.tree.level == tree.level, !tree.index.isMultiple(of: 2) {
      trees.removeLast()
      hash = .node(last.hash, hash)
      tree = Subtree(level: tree.level + 1, index: tree.index / 2)
      try made(tree, hash)
    }
    trees.append((tree, hash))
  }

  @inline(__always)
  package mutating func append(leaf: TreeHash) { append(leaf: leaf) { _, _ in } }

  package mutating func append(_ tree: Subtree, _ hash: TreeHash) { append(tree, hash) { _, _ in } }

  /// Takes the piece that comes next.
  package mutating func append(_ piece: Forest) {
    precondition(piece.start == end, "pieces are put together without a gap")
    for (tree, hash) in piece.trees { append(tree, hash) }
  }

  /// Its hash, when it is one complete subtree.
  package var only: TreeHash? { trees.count == 1 ? trees[0].hash : nil }

  /// The root of the tree of all leaves so far; of one that begins at leaf 0.
  package var root: TreeHash {
    precondition(start == 0, "a piece of a tree has no root")
    guard var root = trees.last?.hash else { return .empty }
    for (_, left) in trees.dropLast().reversed() { root = .node(left, root) }
    return root
  }

  package static func == (a: Forest, b: Forest) -> Bool {
    a.start == b.start && a.trees.elementsEqual(b.trees) { $0.tree == $1.tree && $0.hash == $1.hash }
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(end) }
}
