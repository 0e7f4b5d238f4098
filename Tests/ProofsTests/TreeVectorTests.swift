import Crypto
import Proofs
import Testing

// The tree is that of RFC 6962: roots, inclusion and consistency proofs are those that the tests of Certificate
// Transparency publish for its eight leaves, and those that the definition, written down word for word, gives for other
// sizes. Every bit of a proof matters.

@Suite struct TreeVectorTests {
  private static let leaves = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
  ].compactMap { [UInt8](hex: $0) }

  private static let roots = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]

  struct Vector: Sendable {
    var first: Int64
    var size: Int64
    var path: [String]
  }

  /// `first`: index of the leaf.
  static let inclusion = [
    Vector(first: 0, size: 1, path: []),
    Vector(
      first: 0, size: 8,
      path: [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ]),
    Vector(
      first: 5, size: 8,
      path: [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ]),
    Vector(first: 2, size: 3, path: ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    Vector(
      first: 1, size: 5,
      path: [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ]),
  ]

  /// `first`: size of the older tree.
  static let consistency = [
    Vector(first: 1, size: 1, path: []),
    Vector(
      first: 1, size: 8,
      path: [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ]),
    Vector(
      first: 6, size: 8,
      path: [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ]),
    Vector(
      first: 2, size: 5,
      path: [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ]),
    Vector(
      first: 6, size: 7,
      path: [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ]),
  ]

  @Test func `the roots are the published ones`() {
    #expect(TreeHash.empty.bytes.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    var forest = Forest()
    #expect(forest.root == .empty)
    for (leaf, root) in zip(Self.leaves, Self.roots) {
      forest.append(leaf: .leaf(leaf))
      #expect(forest.root.bytes.hex == root)
    }
  }

  @Test(arguments: inclusion) func `the proofs of inclusion are the published ones`(_ vector: Vector) throws {
    let path = try Grove(Self.leaves).tree(vector.size).inclusion(of: vector.first)
    #expect(path.map(\.bytes.hex) == vector.path)
    let root = try #require(publishedRoot(vector.size))
    #expect(
      TreeHash.verifies(
        inclusion: path, of: .leaf(Self.leaves[Int(vector.first)]), at: vector.first, size: vector.size, root: root))
  }

  @Test(arguments: consistency) func `the proofs of consistency are the published ones`(_ vector: Vector) throws {
    let path = try Grove(Self.leaves).tree(vector.size).consistency(with: vector.first)
    #expect(path.map(\.bytes.hex) == vector.path)
    let (old, new) = (try #require(publishedRoot(vector.first)), try #require(publishedRoot(vector.size)))
    #expect(
      TreeHash.verifies(consistency: path, old: vector.first, oldRoot: old, new: vector.size, newRoot: new))
  }

  private func publishedRoot(_ size: Int64) -> TreeHash? {
    [UInt8](hex: Self.roots[Int(size) - 1]).flatMap { TreeHash($0) }
  }
}

/// Leaves, and the tree over them as the RFC defines it.
struct Grove {
  let hashes: [TreeHash]

  init(_ leaves: [[UInt8]]) { hashes = leaves.map { TreeHash.leaf($0) } }

  init(_ count: Int) { self.init((0..<count).map { Array("leaf \($0)".utf8) }) }

  /// MTH of section 2.1, word for word.
  func root(_ range: Range<Int>) -> TreeHash {
    switch range.count {
    case 0: return .empty
    case 1: return hashes[range.lowerBound]
    default:
      var k = 1
      while k * 2 < range.count { k *= 2 }
      return .node(
        root(range.lowerBound..<range.lowerBound + k), root(range.lowerBound + k..<range.upperBound))
    }
  }

  func tree(_ size: Int64) -> Tree {
    Tree(size: size) { root(Int($0.first)..<Int($0.first + $0.count)) }
  }
}

@Suite struct TreeTests {
  private let grove = Grove(67)

  @Test func `a forest has the root that the definition gives, at every size and in any pieces`() throws {
    var forest = Forest()
    for size in 0...67 {
      #expect(forest.root == grove.root(0..<size))
      #expect(try grove.tree(Int64(size)).root() == forest.root)
      if size < 67 { forest.append(leaf: grove.hashes[size]) }
    }
    for cut in stride(from: 0, through: 64, by: 8) {
      var (left, right) = (Forest(), Forest(from: Int64(cut)))
      for index in 0..<67 {
        if index < cut { left.append(leaf: grove.hashes[index]) } else { right.append(leaf: grove.hashes[index]) }
      }
      left.append(right)
      #expect(left.root == grove.root(0..<67))
      #expect(left == forest)
    }
  }

  @Test func `a forest tells of every subtree it completes`() {
    var made: [Subtree: TreeHash] = [:]
    var forest = Forest()
    for leaf in grove.hashes { forest.append(leaf: leaf) { made[$0] = $1 } }
    for level in 1...6 {
      for index in 0..<(67 >> level) {
        let tree = Subtree(level: level, index: Int64(index))
        #expect(made[tree] == grove.root(Int(tree.first)..<Int(tree.first + tree.count)))
      }
    }
    #expect(made.count == 33 + 16 + 8 + 4 + 2 + 1)
  }

  @Test func `a proof of inclusion holds for its leaf, place and tree, and for nothing else`() throws {
    for size in 1...35 {
      let root = grove.root(0..<size)
      for index in 0..<size {
        let path = try grove.tree(Int64(size)).inclusion(of: Int64(index))
        func holds(
          _ path: [TreeHash], leaf: Int = index, at place: Int = index, size other: Int = size, root r: TreeHash = root
        ) -> Bool {
          TreeHash.verifies(inclusion: path, of: grove.hashes[leaf], at: Int64(place), size: Int64(other), root: r)
        }
        #expect(holds(path))
        for other in 0..<size where other != index {
          #expect(!holds(path, leaf: other))
          #expect(!holds(path, at: other))
        }
        #expect(!holds(path, at: -1))
        #expect(!holds(path, at: size))
        // Another size may lead the same way; what the checkpoint signs is size and root together.
        #expect(!holds(path, root: grove.root(0..<size + 1)))
        #expect(!holds(path + [root]))
        if !path.isEmpty { #expect(!holds(path.dropLast())) }
        if path.count > 1, path[0] != path[1] { #expect(!holds([path[1], path[0]] + path.dropFirst(2))) }
        for (place, hash) in path.enumerated() {
          var bytes = hash.bytes
          bytes[index % 32] ^= 1 << UInt8(size % 8)
          var changed = path
          changed[place] = try #require(TreeHash(bytes))
          #expect(!holds(changed))
        }
      }
    }
  }

  @Test func `a proof of consistency holds for its two trees, and for nothing else`() throws {
    for new in 0...35 {
      for old in 0...new {
        let path = try grove.tree(Int64(new)).consistency(with: Int64(old))
        let (oldRoot, newRoot) = (grove.root(0..<old), grove.root(0..<new))
        func holds(
          _ path: [TreeHash], _ m: Int = old, _ n: Int = new, _ a: TreeHash = oldRoot, _ b: TreeHash = newRoot
        ) -> Bool { TreeHash.verifies(consistency: path, old: Int64(m), oldRoot: a, new: Int64(n), newRoot: b) }
        #expect(holds(path))
        let stranger = TreeHash.leaf([1])
        #expect(!holds(path, old, new, stranger))
        if old > 0 { #expect(!holds(path, old, new, oldRoot, stranger)) }
        if old > 0, old < new { #expect(!holds(path, old, new, newRoot, oldRoot)) }
        #expect(!holds(path + [stranger]))
        if !path.isEmpty { #expect(!holds(path.dropLast())) }
        for (place, hash) in path.enumerated() {
          var bytes = hash.bytes
          bytes[new % 32] ^= 1 << UInt8(old % 8)
          var changed = path
          changed[place] = try #require(TreeHash(bytes))
          #expect(!holds(changed))
        }
      }
    }
    #expect(!TreeHash.verifies(consistency: [], old: 3, oldRoot: .empty, new: 2, newRoot: .empty))
    #expect(!TreeHash.verifies(consistency: [], old: -1, oldRoot: .empty, new: 2, newRoot: .empty))
  }

  @Test func `a log that was rewritten has no proof of consistency, whatever its owner makes up`() throws {
    var leaves = (0..<20).map { Array("leaf \($0)".utf8) }
    let honest = Grove(leaves)
    leaves[7] = Array("another".utf8)
    let rewritten = Grove(leaves)
    for path in [try rewritten.tree(20).consistency(with: 12), try honest.tree(20).consistency(with: 12)] {
      #expect(
        !TreeHash.verifies(
          consistency: path, old: 12, oldRoot: honest.root(0..<12), new: 20, newRoot: rewritten.root(0..<20)))
    }
  }
}
