import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Proofs
import Testing

@testable import SQLiteStore

// Against a checkpoint that somebody keeps, nothing can be changed, dropped, put in or cut off: not even by one who writes
// the whole journal anew, so that every link, every read model and every derived table is right. What such an attacker does
// not have is the key.

@Suite struct CheckpointMutationTests {
  private static let sizes: [Int64] = [100, 256, 400, 512, 610]

  private let folder: Folder
  private let entries: [Entry]
  private let signer: NoteSigner
  private let kept: [SignedCheckpoint]

  init() throws {
    let (folder, signer) = (try Folder(), try NoteSigner(name: "example.com/log"))
    let entries = try Deployments.fill(folder.store, steps: 120)
    kept = try Self.sizes.map { try Journal.checkpoint(of: entries, $0, by: signer, folder.store) }
    (self.folder, self.signer, self.entries) = (folder, signer, entries)
    let store = try Store.openForDriving(folder.store)
    _ = try store.growTree(by: 1000)
    store.close()
  }

  private var last: Int64 { Int64(entries.count) }

  private func evidence(_ checkpoints: [SignedCheckpoint]? = nil, key: NoteSigner? = nil) -> Audit.Evidence {
    .init(
      checkpoints: (checkpoints ?? kept).map { ("kept.txt", $0) }, verifiers: [(key ?? signer).verifier], tree: true)
  }

  private func audit(_ path: String, _ evidence: Audit.Evidence? = nil) throws -> AuditReport {
    try Audit.verify(path, against: evidence ?? self.evidence())
  }

  private func copy() throws -> String { try folder.copy(folder.store, to: "\(UUID().uuidString).db") }

  @Test func `an untouched journal holds against every checkpoint`() throws {
    let report = try audit(folder.store)
    #expect(report.finding == nil)
    #expect(report.checkpoints == CheckpointTally(hold: 5, signed: 5, provenThrough: 610))
    #expect(try Audit.verify(folder.store, against: evidence(), workers: 1).checkpoints == report.checkpoints)
    let unsigned = try Audit.verify(folder.store, against: .init(checkpoints: kept.map { ("kept.txt", $0) }))
    #expect(unsigned.checkpoints == CheckpointTally(hold: 5))
  }

  @Test func `a journal written anew is whole by itself, and shows at the first checkpoint behind the change`() throws {
    for sequence in stride(from: Int64(7), through: 600, by: 37) {
      let path = try copy()
      try Journal.rewrite(path) { number, bytes in
        number == sequence
          ? Array(String(decoding: bytes, as: UTF8.self).replacing("0.0025", with: "0.0001").utf8) : bytes
      }
      guard entries[Int(sequence) - 1].fact.kind == .measured else { continue }
      #expect(try Audit.verify(path).isWhole)
      let broken = try #require(Self.sizes.first { $0 >= sequence })
      let held = Self.sizes.last { $0 < sequence } ?? 0
      let place = "kept.txt, line 1"
      #expect(
        try audit(path).finding == AuditFinding(broken, .signedFor(place: place, holds: held)), "entry \(sequence)")
    }
  }

  @Test func `a tail that was cut off shows, also where head and read models were made to match`() throws {
    for steps in [20, 60, 100, 119] {
      let path = folder.file("short-\(steps).db")
      try Deployments.fill(path, steps: steps, ending: false)
      try Journal.rename(path, to: Journal.name(of: folder.store))
      let report = try Audit.verify(path)
      #expect(report.isWhole)
      let checkpoint = try #require(Self.sizes.first { $0 > report.entries })
      #expect(
        try audit(path).finding
          == AuditFinding(
            report.entries + 1,
            .cutOffBefore(checkpoint: checkpoint, place: "kept.txt, line 1", last: report.entries)))
    }
  }

  @Test func `entries left out, and the others renumbered and chained anew, show`() throws {
    let path = folder.file("left-out.db")
    var shorter = entries
    let dropped = try #require(shorter.firstIndex { $0.sequence > 300 && $0.fact.kind == .measured })
    shorter.remove(at: dropped)
    try Journal.write(Journal.renumbered(shorter), to: path, like: folder.store)
    #expect(try Audit.verify(path).isWhole)
    #expect(try audit(path).finding?.kind == .signedFor(place: "kept.txt, line 1", holds: 256))
  }

  @Test func `entries in another order, chained anew, show`() throws {
    let path = folder.file("reordered.db")
    var other = entries
    let (a, b) = (310, 311)
    (other[a].fact, other[b].fact) = (.measured(EffectID(99), .answer(.number(1))), other[a].fact)
    try Journal.write(Journal.renumbered(other), to: path, like: folder.store)
    #expect(try Audit.verify(path).isWhole)
    #expect(try audit(path).finding?.kind == .signedFor(place: "kept.txt, line 1", holds: 256))
  }

  @Test func `the beginning of one journal spliced to the end of another shows`() throws {
    let path = folder.file("spliced.db")
    let stranger = folder.file("stranger.db")
    var others = try Deployments.fill(stranger, steps: 120)
    for index in others.indices { others[index].origin = "another controller" }
    for cut in [0, 150, 450, 605] {
      try? FileManager.default.removeItem(atPath: path)
      try Journal.write(Array(entries[..<cut] + others[cut...]), to: path, like: folder.store)
      #expect(try Audit.verify(path).isWhole)
      let held = Self.sizes.last { $0 <= cut } ?? 0
      #expect(try audit(path).finding?.kind == .signedFor(place: "kept.txt, line 1", holds: held))
    }
  }

  @Test func `checkpoints of another key, or of another store, are refused`() throws {
    let mallory = try NoteSigner(name: "example.com/log")
    let forged = try Journal.checkpoint(of: entries, 400, by: mallory, folder.store)
    #expect(
      try audit(folder.store, evidence([forged])).finding
        == AuditFinding(400, .checkpoint(place: "kept.txt, line 1", what: "it is not signed by a key that was given")))
    let stranger = folder.file("stranger.db")
    try Store.openForDriving(stranger).close()
    let foreign = try Journal.checkpoint(of: entries, 400, by: signer, stranger)
    guard case .checkpoint(_, let what)? = try audit(folder.store, evidence([foreign])).finding?.kind else {
      return #expect(Bool(false), "a checkpoint of another store")
    }
    #expect(what.hasPrefix("it is a checkpoint of the store"))
  }

  @Test func `every byte of a file of checkpoints matters`() throws {
    let text = kept[2...3].map { CheckpointFile.text(of: $0.note) }.joined()
    let bytes = Array(text.utf8)
    let queue = try StoreFile(folder.store).readable().queue
    var refused = 0
    for position in bytes.indices {
      var changed = bytes
      changed[position] ^= 1 << UInt8(position % 7)
      guard let file = String(validating: changed, as: UTF8.self), let read = try? CheckpointFile.read(file) else {
        refused += 1
        continue
      }
      // As the audit hears them, on states that were computed once.
      let finding = try queue.read { db in
        let extent = try JournalExtent(db)
        let witnesses = try Witnesses(db, evidence(read), extent)
        var tree = RangeTree(after: 0, sizes: witnesses.sizes, table: nil)
        var chain = ChainHash.origin
        for entry in entries {
          try entry.canonical.withUnsafeBytes {
            chain = chain.next($0)
            _ = try tree.append($0, chain)
          }
        }
        return try witnesses.heard(db, extent, [tree.grown], AuditsInJournal()).1
      }
      #expect(finding != nil, "byte \(position)")
    }
    #expect(refused > 0)
  }

  @Test func `a table of subtrees that was changed is found, and named`() throws {
    for (change, from) in [
      ("UPDATE subtrees SET hash = zeroblob(32) WHERE level = 8 AND position = 1", Int64(257)),
      ("UPDATE subtrees SET hash = zeroblob(32) WHERE level = 9", 1),
      (
        "UPDATE subtrees SET hash = (SELECT hash FROM subtrees WHERE level = 8 AND position = 0) WHERE position = 1",
        257
      ),
    ] {
      let path = try copy()
      try DatabaseQueue(path: path).write { try $0.execute(sql: change) }
      #expect(try Audit.verify(path).isWhole)
      #expect(try audit(path).finding?.kind == .subtree(from: from))
    }
  }

  // MARK: Checkpoints that the journal has itself

  private func recording(_ sizes: [Int64] = [256, 400]) throws -> String {
    let path = try copy()
    let store = try Store.openForDriving(path)
    for (index, size) in sizes.enumerated() {
      let note = try #require(kept.first { $0.checkpoint.size == size }).note
      try store.append(
        Batch(entries: [
          Entry(
            sequence: last + 1 + Int64(index), time: store.head.time, run: nil,
            fact: .audit(.checkpointed(size: size, note: note.description)))
        ]))
    }
    store.close()
    return path
  }

  @Test func `the journal's own checkpoints hold, and convict one who writes it anew around them`() throws {
    let path = try recording()
    let evidence = Audit.Evidence(verifiers: [signer.verifier])
    #expect(try audit(path, evidence).checkpoints == CheckpointTally(hold: 2, signed: 2, provenThrough: 400))
    #expect(try audit(path, .init(tree: true)).checkpoints == CheckpointTally(hold: 2))
    try Journal.rewrite(path) { number, bytes in
      number == 300 ? Array(String(decoding: bytes, as: UTF8.self).replacing("0.0025", with: "0.0001").utf8) : bytes
    }
    #expect(try Audit.verify(path).isWhole)
    let finding = AuditFinding(400, .signedFor(place: "the checkpoint in entry 612", holds: 256))
    #expect(try audit(path, .init(tree: true)).finding == finding)
    #expect(try audit(path, evidence).finding == finding)
  }

  @Test func `a checkpoint in the journal whose signature was changed is found`() throws {
    let path = try recording([400])
    try Journal.rewrite(path) { number, bytes in
      guard number == 611 else { return bytes }
      let text = String(decoding: bytes, as: UTF8.self)
      let sign = text.range(of: "\u{2014} example.com/log ").map { text.index($0.upperBound, offsetBy: 20) }
      guard let sign else { return bytes }
      return Array(text.replacingCharacters(in: sign...sign, with: text[sign] == "A" ? "B" : "A").utf8)
    }
    let finding = try audit(path, .init(verifiers: [signer.verifier])).finding
    #expect(
      finding?.kind
        == .checkpoint(
          place: "the checkpoint in entry 611", what: "its signature is wrong: it is not what the key signed"))
  }

  @Test(arguments: [
    "DELETE FROM checkpoints", "UPDATE checkpoints SET seq = seq - 1", "UPDATE checkpoints SET size = size - 1",
    "INSERT INTO checkpoints SELECT 5, 6, note FROM checkpoints LIMIT 1",
    "UPDATE checkpoints SET note = replace(note, 'time', 'then')",
  ])
  func `a table of checkpoints that does not say what the journal says is found`(_ change: String) throws {
    let path = try recording()
    try DatabaseQueue(path: path).write { try $0.execute(sql: change) }
    #expect(try Audit.verify(path).isWhole)
    guard case .checkpoint? = try audit(path, .init(tree: true)).finding?.kind else {
      return #expect(Bool(false), "\(change)")
    }
  }

  // MARK: Proofs

  @Test func `a proof from the store leads to the root, and one from a store written anew does not`() throws {
    let reading = try Store.openForReading(folder.store)
    for size in Self.sizes {
      let root = try #require(kept.first { $0.checkpoint.size == size }).checkpoint.root
      for sequence in [1, 2, 255, 256, 257, 399, 512, 513, 610] as [Int64] where sequence <= size {
        let (text, path) = try reading.inclusion(of: sequence, in: size)
        #expect(Array(text.utf8) == entries[Int(sequence) - 1].canonical)
        #expect(
          TreeHash.verifies(
            inclusion: path, of: .leaf(Array(text.utf8)), at: sequence - 1, size: size, root: root))
      }
      for old in Self.sizes where old <= size {
        let oldRoot = try #require(kept.first { $0.checkpoint.size == old }).checkpoint.root
        let path = try reading.consistency(from: old, to: size)
        #expect(TreeHash.verifies(consistency: path, old: old, oldRoot: oldRoot, new: size, newRoot: root))
      }
    }
    let forged = try copy()
    try Journal.rewrite(forged) { number, bytes in
      number == 300 ? Array(String(decoding: bytes, as: UTF8.self).replacing("0.0025", with: "0.0001").utf8) : bytes
    }
    let (text, path) = try Store.openForReading(forged).inclusion(of: 300, in: 400)
    #expect(
      !TreeHash.verifies(
        inclusion: path, of: .leaf(Array(text.utf8)), at: 299, size: 400, root: kept[2].checkpoint.root))
  }

  @Test func `a tree grown in slices, over restarts, is the tree`() throws {
    let path = folder.file("slices.db")
    try Deployments.fill(path, steps: 120)
    var forest = Forest()
    for entry in entries { forest.append(leaf: .leaf(entry.canonical)) }
    for slice in [1, 254, 3, 100, 200, 1000] {
      let store = try Store.openForDriving(path)
      _ = try store.growTree(by: slice)
      _ = try store.growTree(by: slice)
      store.close()
    }
    let store = try Store.openForDriving(path)
    #expect(try store.growTree(by: 1000) == 0)
    let head = try store.treeHead()
    #expect(head.size == 610)
    #expect(head.root == forest.root)
    #expect(try Store.openForReading(path).treeHead() == head)
    store.close()
  }
}
