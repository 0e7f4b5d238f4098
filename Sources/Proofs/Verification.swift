// How somebody who has no log checks what one says: RFC 9162, sections 2.1.3.2 and 2.1.4.2.

extension TreeHash {
  /// Whether a path leads from a leaf to the root of a tree of `size` leaves.
  ///
  /// - Parameter index: of the leaf, counted from 0.
  package static func verifies(
    inclusion path: [TreeHash], of leaf: TreeHash, at index: Int64, size: Int64, root: TreeHash
  ) -> Bool {
    guard 0 <= index, index < size else { return false }
    var (node, last, hash) = (index, size - 1, leaf)
    for sibling in path {
      if last == 0 { return false }
      if !node.isMultiple(of: 2) || node == last {
        hash = .node(sibling, hash)
        skip(&node, &last)
      } else {
        hash = .node(hash, sibling)
      }
      (node, last) = (node / 2, last / 2)
    }
    return last == 0 && hash == root
  }

  /// Whether a proof shows that the tree of the first `old` leaves, with the root `oldRoot`, is the beginning of the one
  /// of `new` leaves.
  package static func verifies(
    consistency path: [TreeHash], old: Int64, oldRoot: TreeHash, new: Int64, newRoot: TreeHash
  ) -> Bool {
    guard 0 <= old, old <= new else { return false }
    if old == new { return path.isEmpty && oldRoot == newRoot }
    if old == 0 { return path.isEmpty && oldRoot == .empty }
    // A whole subtree is its own first node.
    let path = old & (old - 1) == 0 ? [oldRoot] + path : path
    guard let first = path.first else { return false }
    var (node, last) = (old - 1, new - 1)
    while !node.isMultiple(of: 2) { (node, last) = (node / 2, last / 2) }
    var (oldHash, newHash) = (first, first)
    for sibling in path.dropFirst() {
      if last == 0 { return false }
      if !node.isMultiple(of: 2) || node == last {
        oldHash = .node(sibling, oldHash)
        newHash = .node(sibling, newHash)
        skip(&node, &last)
      } else {
        newHash = .node(newHash, sibling)
      }
      (node, last) = (node / 2, last / 2)
    }
    return last == 0 && oldHash == oldRoot && newHash == newRoot
  }

  /// Past the levels at which a node at the right edge has no sibling.
  private static func skip(_ node: inout Int64, _ last: inout Int64) {
    while node.isMultiple(of: 2), node != 0 { (node, last) = (node / 2, last / 2) }
  }
}
