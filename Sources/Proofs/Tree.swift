/// The Merkle tree of RFC 6962 over the first `size` leaves of a log, whose complete subtrees somebody else knows.
package struct Tree {
  package let size: Int64
  private let lookup: (Subtree) throws -> TreeHash

  /// - Parameter lookup: the hash of a complete subtree within the first `size` leaves; those of level 0 are leaves.
  package init(size: Int64, _ lookup: @escaping (Subtree) throws -> TreeHash) {
    self.size = size
    self.lookup = lookup
  }

  package func root() throws -> TreeHash { size == 0 ? .empty : try hash(0..<size) }

  /// The hashes beside the way from a leaf to the root, the lowest first: PATH of RFC 6962, section 2.1.1.
  ///
  /// - Parameter index: of the leaf, counted from 0, less than `size`.
  package func inclusion(of index: Int64) throws -> [TreeHash] {
    precondition(0 <= index && index < size, "the leaf must be in the tree")
    var (range, path) = (0..<size, [TreeHash]())
    while range.count > 1 {
      let middle = Self.middle(of: range)
      let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
      path.append(try hash(index < middle ? right : left))
      range = index < middle ? left : right
    }
    return path.reversed()
  }

  /// What shows that the tree of the first `old` leaves is the beginning of this one: PROOF of RFC 6962, section 2.1.2.
  package func consistency(with old: Int64) throws -> [TreeHash] {
    precondition(0 <= old && old <= size, "the older tree is the smaller one")
    if old == 0 || old == size { return [] }
    var (range, path) = (0..<size, [TreeHash]())
    while range.upperBound != old {
      let middle = Self.middle(of: range)
      let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
      path.append(try hash(old <= middle ? right : left))
      range = old <= middle ? left : right
    }
    // The subtree they share is named unless it is the whole older tree, whose root whoever verifies has.
    if range.lowerBound > 0 { path.append(try hash(range)) }
    return path.reversed()
  }

  private func hash(_ range: Range<Int64>) throws -> TreeHash {
    let count = Int64(range.count)
    if count & (count - 1) == 0 {
      return try lookup(Subtree(level: count.trailingZeroBitCount, index: range.lowerBound / count))
    }
    let middle = Self.middle(of: range)
    return .node(try hash(range.lowerBound..<middle), try hash(middle..<range.upperBound))
  }

  /// Behind the largest power of two of leaves that is not all of them.
  private static func middle(of range: Range<Int64>) -> Int64 {
    range.lowerBound + 1 << (Int64.bitWidth - 1 - (Int64(range.count) - 1).leadingZeroBitCount)
  }
}
