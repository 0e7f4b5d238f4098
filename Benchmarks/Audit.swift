import Controller
import Crypto
import Engine
import Foundation
import PipelineModel
import Proofs
import SQLiteStore

/// Verification of a million entries, beside SHA-256 alone over the same bytes in memory, on as many cores.
func measureAudit() throws -> [Figure] {
  let folder = try ScratchFolder()
  let path = folder.file("store.db")
  let store = try Store.openForDriving(path)
  var workload = Workload(after: store.head, runs: 1000)
  for _ in 0..<1000 { try store.append(workload.batch(of: 1000)) }
  store.close()
  let bytes = try EntriesInMemory(path)
  return try [1, 2].flatMap { cores in try verification(of: path, bytes, on: cores) }
}

private func verification(of path: String, _ bytes: EntriesInMemory, on cores: Int) throws -> [Figure] {
  var (own, peer): ([Spent], [Spent]) = ([], [])
  for _ in 0..<5 {
    own.append(
      try Spent.on {
        guard try Audit.verify(path, workers: cores).isWhole else { throw NotWhole() }
      })
    peer.append(Spent.on { bytes.hash(on: cores) })
  }
  let what = "audit/a million entries, \(cores) \(cores == 1 ? "core" : "cores")"
  return [
    Figure(
      name: what, value: 1e6 / own.map(\.seconds).median, unit: "entries/s",
      peer: ("SHA-256 of the same", 1e6 / peer.map(\.seconds).median), goal: "ratio >= 0.5"),
    Figure(
      name: "\(what), CPU", value: own.map(\.cpu).median * 1e3, unit: "ns CPU/entry",
      peer: ("SHA-256 of the same", peer.map(\.cpu).median * 1e3), goal: "ratio <= 2"),
  ]
}

private struct NotWhole: Error {}

/// The peer: every entry's bytes and the hash before it, one SHA-256 for each, nothing read and nothing compared.
private final class EntriesInMemory: Sendable {
  private let bytes: [UInt8]
  private let ends: [Int]

  init(_ path: String) throws {
    var (bytes, ends): ([UInt8], [Int]) = ([], [])
    try Store.openForReading(path).forEachEntry(EntryFilter()) { line in
      bytes += line.canonical
      ends.append(bytes.count)
      return true
    }
    (self.bytes, self.ends) = (bytes, ends)
  }

  func hash(on cores: Int) {
    DispatchQueue.concurrentPerform(iterations: cores) { core in
      hash(ends.count * core / cores..<ends.count * (core + 1) / cores)
    }
  }

  private func hash(_ range: Range<Int>) {
    bytes.withUnsafeBytes { bytes in
      var last = SHA256().finalize()
      for index in range {
        var hasher = SHA256()
        last.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        hasher.update(
          bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]))
        last = hasher.finalize()
      }
    }
  }
}

/// What the Merkle tree costs beside the chain: to verify a million entries with it, to grow it by a checkpoint's worth, and
/// to prove one entry.
func measureTree() throws -> [Figure] {
  let folder = try ScratchFolder()
  let path = folder.file("store.db")
  let store = try Store.openForDriving(path)
  var workload = Workload(after: store.head, runs: 1000)
  for _ in 0..<1000 { try store.append(workload.batch(of: 1000)) }
  let grown = try Spent.on { while try store.growTree(by: 4096) > 0 {} }
  try store.append(workload.batch(of: 1000))
  let checkpoint = try Spent.on {
    _ = try store.growTree(by: 4096)
    _ = try store.treeHead()
  }
  store.close()
  let bytes = try EntriesInMemory(path)
  var (chain, tree, peer, proofs): ([Spent], [Spent], [Spent], [Spent]) = ([], [], [], [])
  let reading = try Store.openForReading(path)
  for round in 0..<5 {
    chain.append(try Spent.on { guard try Audit.verify(path, workers: 2).isWhole else { throw NotWhole() } })
    tree.append(
      try Spent.on {
        guard try Audit.verify(path, against: .init(tree: true), workers: 2).isWhole else { throw NotWhole() }
      })
    peer.append(Spent.on { bytes.hash(on: 2) })
    proofs.append(
      try Spent.on {
        for entry in 0..<20 { _ = try reading.inclusion(of: Int64(entry * 50_000 + round + 1), in: 1_000_001) }
      })
  }
  let alone = chain.map(\.seconds).median
  return [
    Figure(
      name: "audit/a million entries with the tree, 2 cores", value: 1e6 / tree.map(\.seconds).median,
      unit: "entries/s",
      peer: ("the chain alone", 1e6 / alone), goal: "ratio >= 0.4"),
    Figure(
      name: "audit/a million entries with the tree, of bare SHA-256", value: 1e6 / tree.map(\.seconds).median,
      unit: "entries/s", peer: ("SHA-256 of the same", 1e6 / peer.map(\.seconds).median), goal: "-"),
    Figure(name: "audit/growing the tree", value: 1e6 / grown.seconds, unit: "entries/s", peer: nil, goal: "-"),
    Figure(
      name: "audit/the tree of a checkpoint after 1000 entries of a million", value: checkpoint.seconds * 1e3,
      unit: "ms", peer: nil, goal: "-"),
    Figure(
      name: "audit/a proof of inclusion in a million", value: proofs.map(\.seconds).median / 20 * 1e3, unit: "ms",
      peer: nil, goal: "-"),
  ]
}
