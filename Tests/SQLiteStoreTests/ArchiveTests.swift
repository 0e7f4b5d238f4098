import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Proofs
import Testing

@testable import SQLiteStore

// Entries that were moved into an archive are still in the log: segments and store verify as one journal, read as one, and
// prove as one. Nothing leaves the store that is needed there, or that is not on the disk elsewhere.

@Suite struct ArchiveTests {
  private let folder: Folder
  private let entries: [Entry]
  private let signer: NoteSigner
  private let archive: String

  init() throws {
    folder = try Folder()
    archive = folder.file("archive")
    try FileManager.default.createDirectory(atPath: archive, withIntermediateDirectories: true)
    signer = try NoteSigner(name: "example.com/log")
    // Ended runs, then others behind them.
    entries = try Self.fill(folder.store)
  }

  private static func fill(_ path: String, ending last: Int64 = 12) throws -> [Entry] {
    let store = try Store.openForDriving(path)
    defer { store.close() }
    var deployments = Deployments(after: store.head)
    var entries: [Entry] = []
    deployments.define("pipeline: checkout")
    for number in 1...12 as ClosedRange<Int64> {
      let run = deployments.start(number, service: number.isMultiple(of: 2) ? "search" : "checkout-api")
      for step in 1...98 { deployments.measure(run, step) }
      if number <= last {
        let target = Target(service: number.isMultiple(of: 2) ? "search" : "checkout-api", environment: "production")
        deployments.end(
          run, leaving: TargetRecord(target: target, stable: [.init(version: "v\(number)", run: run)]))
      }
      let batch = deployments.take()
      try store.append(batch)
      entries += batch.entries
    }
    return entries
  }

  private var last: Int64 { Int64(entries.count) }

  private func time(after sequence: Int64) -> Timestamp { entries[Int(sequence) - 1].time + .milliseconds(1) }

  private func write(through last: Int64, _ path: String? = nil) throws -> SealedSegment {
    try Store.openForReading(path ?? folder.store).writeSegment(through: last, into: archive) {
      var checkpoint = $0
      checkpoint.origin = signer.verifier.name
      return try signer.sign(checkpoint.text)
    }
  }

  private func seal(_ segment: SealedSegment, _ path: String? = nil) throws {
    try Journal.seal(segment, path ?? folder.store)
  }

  private func verify(_ folder: String?, of path: String? = nil, tree: Bool = false) throws -> AuditReport {
    try Audit.verify(path ?? self.folder.store, against: .init(archive: folder, tree: tree))
  }

  @Test func `segments and store verify as one journal, and each says where it begins`() throws {
    for last in [256, 512, 768] as [Int64] {
      try seal(write(through: last))
      let alone = try verify(nil)
      #expect(alone.finding == nil)
      #expect(alone.archived == last && !alone.archiveWasRead)
      let whole = try verify(archive, tree: true)
      #expect(whole.finding == nil)
      #expect(whole.archiveWasRead)
      #expect(whole.entries == self.last + last / 256)
    }
    // Work goes on.
    let store = try Store.openForDriving(folder.store)
    var deployments = Deployments(after: store.head)
    let run = deployments.start(13)
    deployments.end(run)
    try store.append(deployments.take())
    store.close()
    #expect(try verify(archive, tree: true).finding == nil)
    #expect(try verify(nil, tree: true).finding == nil)
  }

  @Test func `stores share a folder, and what is there is not written over`() throws {
    let other = folder.file("other.db")
    _ = try Self.fill(other)
    let ours = try write(through: 256)
    let theirs = try write(through: 256, other)
    #expect(ours.file != theirs.file)
    try seal(ours)
    try seal(theirs, other)
    #expect(try verify(archive).finding == nil)
    #expect(try verify(archive, of: other).finding == nil)
    let third = folder.file("third.db")
    _ = try Self.fill(third)
    let name = try write(through: 256, third).file
    // The same again, as after a crash, does no harm.
    #expect(try write(through: 256, third).file == name)
    try "something else\n".write(toFile: "\(archive)/\(name)", atomically: true, encoding: .utf8)
    #expect(throws: JournalFailure.self) { try write(through: 256, third) }
    #expect(try String(contentsOfFile: "\(archive)/\(name)", encoding: .utf8) == "something else\n")
  }

  @Test func `the tree over a journal with an archive is the tree over all of it`() throws {
    try seal(write(through: 512))
    var forest = Forest()
    for entry in entries { forest.append(leaf: .leaf(entry.canonical)) }
    let reading = try Store.openForReading(folder.store)
    #expect(try reading.root(of: last) == forest.root)
    let (text, path) = try reading.inclusion(of: 700, in: last)
    #expect(
      TreeHash.verifies(
        inclusion: path, of: .leaf(Array(text.utf8)), at: 699, size: last, root: forest.root))
    let failure = #expect(throws: JournalFailure.self) { try reading.inclusion(of: 7, in: last) }
    #expect(
      failure?.description
        == "entry 7 lies in an archive, in \(SegmentFile.name(of: 1...512, store: try reading.head().store)); name the "
        + "archive's folder with --archive, or as `audit: { archive: { folder: … } }` in headgate.yaml")
    let both = try Store.openForReading(folder.store, archive: archive)
    let (old, way) = try both.inclusion(of: 7, in: last)
    #expect(Array(old.utf8) == entries[6].canonical)
    #expect(
      TreeHash.verifies(inclusion: way, of: .leaf(Array(old.utf8)), at: 6, size: last, root: forest.root))
    #expect(try Store.openForDriving(folder.store).root(of: last) == forest.root)
  }

  @Test func `checkpoints from before the archive hold, or are said not to have been looked at`() throws {
    let kept = try [100, 512, 700, 1000].map { try Journal.checkpoint(of: entries, $0, by: signer, folder.store) }
    try seal(write(through: 512))
    func tally(_ archive: String?) throws -> CheckpointTally? {
      let evidence = Audit.Evidence(
        checkpoints: kept.map { ("kept.txt", $0) }, verifiers: [signer.verifier], archive: archive)
      let report = try Audit.verify(folder.store, against: evidence)
      #expect(report.finding == nil)
      return report.checkpoints
    }
    #expect(try tally(archive) == CheckpointTally(hold: 4, signed: 4, provenThrough: 1000))
    #expect(try tally(nil) == CheckpointTally(hold: 3, signed: 3, tooOld: 1, provenThrough: 1000))
  }

  @Test func `what is read with an archive is what was read before`() throws {
    let before = try Store.openForReading(folder.store)
    let target = Target(service: "search", environment: "production")
    let filters = [
      EntryFilter(), EntryFilter(newestFirst: true), EntryFilter(kind: .started), EntryFilter(run: RunID(3)),
      EntryFilter(run: RunID(6), newestFirst: true), EntryFilter(service: target.service, limit: 300),
      EntryFilter(from: time(after: 300), to: time(after: 600)), EntryFilter(from: time(after: 900)),
      EntryFilter(to: time(after: 40), limit: 7, newestFirst: true),
    ]
    func lines(_ store: ReadingStore, _ filter: EntryFilter) throws -> [[UInt8]] {
      var lines: [[UInt8]] = []
      try store.forEachEntry(filter) { line in
        if line.entry.sequence <= last { lines.append(line.canonical + line.hash) }
        return true
      }
      return lines
    }
    let expected = try filters.map { try lines(before, $0) }
    let runs = try (1...12).map { try before.entries(of: RunID($0)) }
    try seal(write(through: 256))
    try seal(write(through: 512))
    let after = try Store.openForReading(folder.store, archive: archive)
    for (filter, expected) in zip(filters, expected) { #expect(try lines(after, filter) == expected) }
    #expect(try (1...12).map { try after.entries(of: RunID($0)) } == runs)
    #expect(try after.entry(5) == entries[4])
    #expect(try after.runs().count == 12)
    let alone = try Store.openForReading(folder.store)
    #expect(try alone.archived() == 512)
    #expect(try lines(alone, EntryFilter()).count == expected[0].count - 512)
    #expect(throws: JournalFailure.self) { try alone.entries(of: RunID(2)) }
    #expect(throws: JournalFailure.self) { try alone.entry(5) }
  }

  @Test func `what a run needs that has not ended stays`() throws {
    #expect(
      try Store.openForReading(folder.store).sealable(before: time(after: last)) == Sealable(first: 1, last: 1024))
    #expect(
      try Store.openForReading(folder.store).sealable(before: time(after: 600)) == Sealable(first: 1, last: 512))
    // Run 6 has not ended here. Its definition, entry 1, does not hold the others back.
    let path = folder.file("unfinished.db")
    _ = try Self.fill(path, ending: 5)
    #expect(
      try Store.openForReading(path).sealable(before: time(after: last))
        == Sealable(first: 1, last: 256, heldBy: RunID(6)))
    let first = try #require(try Store.openForReading(path).run(RunID(6))).first
    let segment = try write(through: 256, path)
    let store = try Store.openForDriving(path)
    #expect(try store.refusal(ofSealing: segment) == nil)
    var beyond = segment
    beyond.last = 512
    #expect(
      try store.refusal(ofSealing: beyond)?.description
        == "run 6 has not ended, and needs the entries from \(first) on")
    store.close()
  }

  @Test(arguments: [0, 1, 2, 3, 4]) func `a segment that does not fit is refused`(_ mistake: Int) throws {
    var segment = try write(through: 256)
    switch mistake {
    case 0: segment.first = 2
    case 1: segment.after = segment.before
    case 2: segment.root = segment.after
    case 3: segment.last = 255
    default: segment.last = 1_048_576
    }
    let store = try Store.openForDriving(folder.store)
    #expect(try store.refusal(ofSealing: segment) != nil)
    store.close()
  }

  @Test func `the trigger lets go what the archive has, and nothing else`() throws {
    try seal(write(through: 256))
    let queue = try DatabaseQueue(path: folder.store)
    #expect(throws: DatabaseError.self) {
      try queue.write { try $0.execute(sql: "DELETE FROM journal WHERE seq = 257") }
    }
    #expect(throws: DatabaseError.self) { try queue.write { try $0.execute(sql: "DELETE FROM journal") } }
  }

  @Test func `a definition that was archived is written again when it is used again`() throws {
    try seal(write(through: 256))
    let store = try Store.openForDriving(folder.store)
    #expect(try store.definition(of: "pipeline: checkout") == nil)
    var deployments = Deployments(after: store.head)
    let place = deployments.define("pipeline: checkout")
    try store.append(deployments.take())
    #expect(try store.definition(of: "pipeline: checkout") == place)
    store.close()
  }

  // MARK: Mutations

  private func sealed() throws -> String {
    try seal(write(through: 256))
    try seal(write(through: 512))
    return try #require(FileManager.default.contentsOfDirectory(atPath: archive).sorted().first)
  }

  @Test func `every byte of a segment matters`() throws {
    let name = try sealed()
    let whole = try Data(contentsOf: URL(fileURLWithPath: "\(archive)/\(name)"))
    for position in stride(from: 3, to: whole.count, by: 997) + Array(whole.count - 40..<whole.count) {
      var changed = whole
      changed[position] ^= 1 << UInt8(position % 7)
      try changed.write(to: URL(fileURLWithPath: "\(archive)/\(name)"))
      guard case .archive(let what)? = try verify(archive).finding?.kind else {
        #expect(Bool(false), "byte \(position)")
        continue
      }
      #expect(what.contains(name))
    }
    try whole.write(to: URL(fileURLWithPath: "\(archive)/\(name)"))
    #expect(try verify(archive).isWhole)
  }

  @Test func `a segment that is cut off, missing, or another one is found`() throws {
    let name = try sealed()
    let path = "\(archive)/\(name)"
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for count in [0, 1, 500, whole.count / 2, whole.count - 1] {
      try whole.prefix(count).write(to: URL(fileURLWithPath: path))
      guard case .archive? = try verify(archive).finding?.kind else { return #expect(Bool(false), "\(count) bytes") }
    }
    let other = try #require(FileManager.default.contentsOfDirectory(atPath: archive).sorted().last)
    try Data(contentsOf: URL(fileURLWithPath: "\(archive)/\(other)")).write(to: URL(fileURLWithPath: path))
    guard case .archive? = try verify(archive).finding?.kind else { return #expect(Bool(false), "another segment") }
    try FileManager.default.removeItem(atPath: path)
    guard case .archive(let what)? = try verify(archive).finding?.kind else {
      return #expect(Bool(false), "a missing segment")
    }
    #expect(what.contains("cannot be read"))
  }

  @Test func `lines of a segment that were dropped, swapped, doubled or put in are found, rightly chained or not`()
    throws
  {
    let name = try sealed()
    let path = "\(archive)/\(name)"
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { Array($0.utf8) }
    for chained in [false, true] {
      for change in Journal.Shuffle.allCases {
        for place in [0, 100, lines.count - 3] {
          var changed = change.applied(to: Array(lines.dropLast()), at: place)
          changed.append(
            chained ? try Journal.trailer(of: changed, like: lines[lines.count - 1]) : lines[lines.count - 1])
          try Data(changed.joined(separator: [UInt8(ascii: "\n")]) + [UInt8(ascii: "\n")]).write(
            to: URL(fileURLWithPath: path))
          guard case .archive(let what)? = try verify(archive).finding?.kind else {
            #expect(Bool(false), "\(change) at line \(place + 1), chained: \(chained)")
            continue
          }
          #expect(what.contains(name))
        }
      }
    }
  }

  @Test func `a checkpoint convicts one who writes an archive and the store behind it anew`() throws {
    let kept = try [300, 700, last].map { try Journal.checkpoint(of: entries, $0, by: signer, folder.store) }
    let forged = folder.file("forged.db")
    var others = entries
    let index = try #require(others.firstIndex { $0.sequence > 20 && $0.fact.kind == .measured })
    others[index].origin = "another controller"
    try Journal.write(others, to: forged, like: folder.store)
    try Journal.seal(forged, through: 512, into: archive)
    #expect(try verify(archive, of: forged, tree: true).isWhole)
    for checkpoint in kept {
      for place in [nil, archive] {
        let evidence = Audit.Evidence(
          checkpoints: [("kept.txt", checkpoint)], verifiers: [signer.verifier], archive: place)
        let report = try Audit.verify(forged, against: evidence)
        // What is older than the store begins is not looked at without the archive, and that is said.
        let isBlind = place == nil && checkpoint.checkpoint.size < 512
        #expect(isBlind ? report.checkpoints?.tooOld == 1 : report.finding != nil)
      }
    }
  }

  @Test(arguments: [
    "UPDATE segments SET last = last + 256, after = after WHERE first = 257",
    "UPDATE segments SET after = before WHERE first = 257", "DELETE FROM segments WHERE first = 257",
    "UPDATE segments SET seq = seq - 1", "UPDATE segments SET root = after",
    "UPDATE segments SET file = 'another' WHERE first = 257",
  ])
  func `a table of segments that was changed is found`(_ change: String) throws {
    _ = try sealed()
    try DatabaseQueue(path: folder.store).write { try $0.execute(sql: change) }
    #expect(try verify(nil).finding != nil)
    #expect(try verify(archive).finding != nil)
  }

  @Test func `entries removed behind the store's back, as if they had been archived, are missed`() throws {
    let path = try folder.copy(folder.store, to: "robbed.db")
    let segment = try write(through: 256, path)
    try DatabaseQueue(path: path).write { db in
      try db.execute(
        sql: "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, 5)",
        arguments: [segment.first, segment.last, segment.before, segment.after, segment.root, segment.file])
      try db.execute(sql: "DELETE FROM journal WHERE seq <= 256")
    }
    #expect(try verify(nil, of: path).finding != nil)
    #expect(try verify(archive, of: path).finding != nil)
  }
}
