import Controller
import Engine
import Flags
import Foundation
import GRDB
import PipelineModel
import Proofs
import Testing

@testable import SQLiteStore

// Nothing but a run that has not ended holds the past back. What is true now and rests on old entries is carried forward
// with them: shown on a store whose first entries are a pipeline, flags, a change that waits, incidents and a target, and
// then nothing of these for a long time.

@Suite struct CarriedTests {
  private let folder = try? Folder()
  private let archive: String
  private let path: String
  private let names = ["a", "b"].map { FlagName(environment: "staging", key: $0) }
  /// Numbers of the entries that matter later.
  private let needed: [Int64]
  private let text = "pipeline: checkout"

  init() throws {
    let folder = try #require(folder)
    (path, archive) = (folder.store, folder.file("archive"))
    try FileManager.default.createDirectory(atPath: archive, withIntermediateDirectories: true)
    try Self.drive(path) { deployments in
      deployments.define("pipeline: checkout")
      let target = Target(service: "old", environment: "production")
      deployments.end(
        deployments.start(1, service: "old"),
        leaving: TargetRecord(target: target, stable: [.init(version: "v1", run: RunID(1))]))
    }
    let flags = Self.flags(names)
    try Self.write(path, flags + Self.incidents())
    // The definition, the target, the newest of each flag, the proposal, and the open incident.
    needed = [1, 3, 6, 7, 8, 10]
    // Much later. The last run has not ended, and uses the first pipeline.
    try Self.drive(path) { deployments in
      for number in 2...9 as ClosedRange<Int64> {
        let run = deployments.start(number)
        for step in 1...98 { deployments.measure(run, step) }
        if number < 9 { deployments.end(run) }
      }
    }
  }

  private static func drive(_ path: String, _ work: (inout Deployments) -> Void) throws {
    let store = try Store.openForDriving(path)
    defer { store.close() }
    var deployments = Deployments(after: store.head)
    work(&deployments)
    try store.append(deployments.take())
  }

  private static func write(_ path: String, _ facts: [Fact]) throws {
    let store = try Store.openForDriving(path)
    defer { store.close() }
    try store.append(
      Batch(
        entries: facts.enumerated().map { index, fact in
          Entry(
            sequence: store.head.sequence + 1 + Int64(index), time: store.head.time + .minutes(Int64(index) + 1),
            run: nil, actor: .person("ada"), origin: "test", fact: fact)
        }))
  }

  private static func flags(_ names: [FlagName]) -> [Fact] {
    func first(_ name: FlagName) -> FlagRevision {
      FlagRevision(name: name, number: 1, change: .created, definition: "{}", contract: FlagContract(services: ["old"]))
    }
    let second = first(names[0]).next(.turnedOn)
    let third = second.next(.killed) { $0.isLatched = true }
    let proposal = FlagProposal(
      id: 1, revision: third.next(.turnedOn), requester: .person("ada"), requestedAt: Timestamp(milliseconds: 0),
      expires: .distantFuture, approvalsNeeded: 1)
    let revisions: [FlagFact] = [
      .revised(first(names[0])), .revised(second), .revised(third), .revised(first(names[1])), .proposal(proposal),
    ]
    return revisions.map(Fact.flag)
  }

  private static func incidents() -> [Fact] {
    func incident(_ number: Int64) -> Incident {
      Incident(
        number: number, title: "no \(number)", services: ["old"], environment: nil, severity: .major,
        since: Timestamp(milliseconds: 1_795_266_300_000))
    }
    return [
      .incident(.opened(incident(1))), .incident(.opened(incident(2))),
      .incident(.closed(incident(1), at: Timestamp(milliseconds: 1_795_266_400_000))),
    ]
  }

  private func verify(_ folder: String? = nil, of path: String? = nil, tree: Bool = false) throws -> AuditFinding? {
    try Audit.verify(path ?? self.path, against: .init(archive: folder, tree: tree)).finding
  }

  /// What a driver goes on from.
  private struct State: Equatable {
    var flags: FlagRecords
    var incidents: IncidentLog
    var targets: [TargetRecord]
    var definition: Entry?
  }

  private func state() throws -> State {
    let store = try Store.openForDriving(path)
    defer { store.close() }
    return State(
      flags: try store.flags(), incidents: try store.incidents(), targets: try store.targets(),
      definition: try store.entry(1))
  }

  @Test func `a store of flags that nobody changes is archived year after year, and stays what it is`() throws {
    #expect(try verify() == nil)
    let before = try state()
    #expect(before.flags.heads.count == 2 && before.flags.pending.count == 1 && before.incidents.open.count == 1)
    #expect(
      try Store.openForReading(path).sealable(before: .distantFuture) == Sealable(first: 1, last: 512, heldBy: RunID(9))
    )
    #expect(try Journal.seal(path, through: 256, into: archive) == needed)
    // They were carried behind what goes next, so nothing has to be carried again.
    #expect(try Journal.seal(path, through: 512, into: archive) == [])
    #expect(try state() == before)
    try Self.drive(path) { deployments in
      for number in 10...14 as ClosedRange<Int64> {
        let run = deployments.start(number)
        for step in 1...98 { deployments.measure(run, step) }
        deployments.end(run)
      }
    }
    try endRunNine()
    // Now what was carried goes into the archive itself, and is carried again. The pipeline is in use no more.
    #expect(try Journal.seal(path, through: 1024, into: archive) == needed.filter { $0 > 1 })
    let after = try state()
    #expect(after.flags == before.flags && after.incidents == before.incidents && after.targets == before.targets)
    for tree in [false, true] {
      #expect(try verify(tree: tree) == nil)
      #expect(try verify(archive, tree: tree) == nil)
    }
    #expect(try Store.openForReading(path).sealable(before: .distantFuture).heldBy == nil)
  }

  private func endRunNine() throws {
    let record = try #require(try Store.openForReading(path).run(RunID(9)))
    let store = try Store.openForDriving(path)
    defer { store.close() }
    var progress = record.progress
    progress.status = .promoted
    (progress.last, progress.endedAt) = (store.head.sequence + 1, store.head.time)
    let end = Entry(
      sequence: store.head.sequence + 1, time: store.head.time, run: RunID(9), previous: record.last, fact: .timePassed,
      decisions: [.ended(.promoted)])
    try store.append(Batch(entries: [end], progress: [progress]))
  }

  @Test func `flags are told of as they were, from the archive, or it is said where that lies`() throws {
    let before = try Store.openForReading(path)
    let (past, all) = (try before.history(of: names[0]), try before.flags())
    let times = past.revisions.map(\.time)
    let old = try before.moments(MomentFilter(service: "old"))
    try Journal.seal(path, through: 512, into: archive)
    let alone = try Store.openForReading(path)
    let both = try Store.openForReading(path, archive: archive)
    #expect(try both.history(of: names[0]) == past)
    #expect(try both.flag(names[0], at: times[1]) == past.revisions[1])
    #expect(try both.moments(MomentFilter(service: "old")) == old)
    #expect(try both.proposals(all: true).count == 1)
    // What is true now is at hand without it.
    for store in [alone, both] {
      #expect(try store.flags() == all)
      #expect(try store.flag(names[0]) == past.revisions[2])
      #expect(try store.flag(names[0], at: .distantFuture) == past.revisions[2])
      #expect(try store.proposals().count == 1)
      #expect(try store.creation(of: names[0]) == times[0])
    }
    #expect(try alone.history(of: names[0]) == FlagPast(revisions: [past.revisions[2]], elsewhere: [1, 2]))
    #expect(try alone.flag(names[0], at: Timestamp(milliseconds: 0)) == nil)
    let failure = #expect(throws: JournalFailure.self) { try alone.flag(names[0], at: times[1]) }
    #expect(
      failure?.description.hasPrefix("revision 2 of flag a in staging, entry 5, lies in an archive, in journal-")
        == true)
    #expect(throws: JournalFailure.self) { try alone.flag(names[0], revision: 1) }
    #expect(try alone.hiddenMoments(MomentFilter(service: "old")) == old.count)
    #expect(try alone.hiddenMoments(MomentFilter(service: "old", from: .distantFuture)) == 0)
    #expect(try both.hiddenMoments(MomentFilter(service: "old")) == 0)
  }

  @Test func `nothing leaves the store that was not carried and is needed`() throws {
    let segment = try Store.openForReading(path).writeSegment(through: 256, into: archive) { _ in nil }
    let store = try Store.openForDriving(path)
    defer { store.close() }
    let entry = Entry(
      sequence: store.head.sequence + 1, time: store.head.time, run: nil, fact: .audit(.sealed(segment)))
    let failure = #expect(throws: JournalFailure.self) { try store.append(Batch(entries: [entry])) }
    #expect(failure?.description == "entry 1 is needed, and was not carried forward; nothing was moved")
    #expect(try store.entry(2) != nil)
  }

  // MARK: Mutations

  private func finding(_ change: (Database) throws -> Void) throws -> [AuditFinding?] {
    let copy = try #require(folder).copy(path, to: "\(UUID().uuidString).db")
    try DatabaseQueue(path: copy).write { try change($0) }
    return [try verify(of: copy), try verify(archive, of: copy)]
  }

  @Test(arguments: [
    "DELETE FROM carried WHERE original = 6", "UPDATE carried SET seq = seq + 1 WHERE original = 6",
    "INSERT INTO carried VALUES (5, 700)", "UPDATE flags SET seq = 4, number = 1 WHERE key = 'a'",
    "DELETE FROM flags WHERE key = 'b'", "UPDATE flag_proposals SET pending = 0",
    "DELETE FROM flag_proposals", "UPDATE incidents SET title = 'nothing' WHERE number = 2",
    "DELETE FROM incidents WHERE number = 2", "UPDATE incidents SET closed = 9, ended_at = 9 WHERE number = 2",
    "UPDATE targets SET stable = '[]'", "UPDATE subtrees SET hash = zeroblob(32) WHERE level = 8 AND position = 1",
  ])
  func `tables that do not say what was carried are found, also without the archive`(_ sql: String) throws {
    try Journal.seal(path, through: 512, into: archive)
    let found = try finding { try $0.execute(sql: sql) }
    #expect(found.allSatisfy { $0 != nil }, "\(sql): \(found)")
  }

  @Test(arguments: [
    (#"\"latched\":true"#, #"\"latched\":false"#), (#"\"no 2\""#, #"\"no 3\""#), (#"\"v1\""#, #"\"v2\""#),
    ("pipeline: checkout", "pipeline: chequeout"),
  ])
  func `a carried entry that says something else is found, however well the chain was made anew`(
    _ old: String, _ new: String
  ) throws {
    try Journal.seal(path, through: 512, into: archive)
    let escaped = (old.replacing(#"\""#, with: #"""#), new.replacing(#"\""#, with: #"""#))
    var changed = 0
    let found = try finding { db in
      try Journal.rechain(db, after: 512) { sequence, bytes in
        guard let entry = try? Entry(canonical: bytes), case .audit(.carried(var carried)) = entry.fact else {
          return bytes
        }
        let text = carried.text.replacing(escaped.0, with: escaped.1)
        if text != carried.text { changed += 1 }
        carried.text = text
        var forged = entry
        forged.fact = .audit(.carried(carried))
        return forged.canonical
      }
    }
    #expect(changed > 0)
    for finding in found {
      guard case .carried? = finding?.kind else {
        Issue.record("\(old): \(String(describing: finding))")
        continue
      }
    }
  }

  @Test func `the way of a carried entry leads nowhere when a digit of it was changed`() throws {
    try Journal.seal(path, through: 512, into: archive)
    let found = try finding { db in
      try Journal.rechain(db, after: 512) { _, bytes in
        guard let entry = try? Entry(canonical: bytes), case .audit(.carried(var carried)) = entry.fact,
          carried.original == 7
        else { return bytes }
        carried.path = carried.path.hasPrefix("0") ? "1\(carried.path.dropFirst())" : "0\(carried.path.dropFirst())"
        var forged = entry
        forged.fact = .audit(.carried(carried))
        return forged.canonical
      }
    }
    for finding in found {
      #expect(finding?.kind == .carried(of: 7, what: "it is not what the tree over the archive has there"))
    }
  }
}
