import Controller
import Engine
import Foundation
import Logging
import PipelineModel
import Proofs
import SQLiteStore
import Synchronization
import Testing

// When a notary signs and when it does not: over a real store, with sinks that keep what they are given in memory.

@Suite struct NotaryTests {
  /// Keeps checkpoints, and can be made to fail.
  private final class Shelf: CheckpointSink {
    private struct State {
      var kept: [SignedCheckpoint] = []
      var isBroken = false
    }
    private let state = Mutex(State())
    let name = "shelf"

    init(_ kept: [SignedCheckpoint] = []) { state.withLock { $0.kept = kept } }

    var kept: [SignedCheckpoint] { state.withLock(\.kept) }
    func fail(_ broken: Bool) { state.withLock { $0.isBroken = broken } }

    func newest() throws(Failure) -> SignedCheckpoint? { state.withLock { $0.kept.last } }

    func append(_ notes: [SignedNote]) throws(Failure) {
      let added = notes.compactMap { try? SignedCheckpoint($0) }
      let isBroken = state.withLock { state in
        if !state.isBroken { state.kept += added }
        return state.isBroken
      }
      if isBroken { throw Failure(.transient, "the shelf fell off the wall") }
    }
  }

  /// A store with so many entries, and a notary over it.
  private final class Office {
    let store: DrivingStore
    let shelf: Shelf
    let notary: Notary
    let signer: NoteSigner
    var head: Int64
    var now: Timestamp
    var posted: [AddressedNotice] = []

    init(
      _ path: String, signer: NoteSigner, shelf: Shelf = Shelf(), entries: Int = 10, every: Interval = .minutes(15),
      notify: [String] = []
    ) throws {
      let notices = Mutex<[AddressedNotice]>([])
      store = try Store.openForDriving(path)
      self.shelf = shelf
      self.signer = signer
      head = store.head.sequence
      now = max(Timestamp(milliseconds: 1_795_266_300_000), store.head.time)
      var log = Logger(label: "test")
      log.logLevel = .critical
      notary = Notary(
        tree: store, signer: signer, policy: AuditPolicy(key: "k", entries: entries, every: every, notify: notify),
        store: store.head.store, sinks: [shelf], log: log, interval: .zero,
        post: { added, _ in notices.withLock { $0 += added } })
      self.notices = { notices.withLock(\.self) }
    }

    let notices: () -> [AddressedNotice]

    func write(_ facts: [Fact]) throws {
      let entries = facts.enumerated().map {
        Entry(sequence: head + 1 + Int64($0), time: now, run: nil, fact: $1)
      }
      try store.append(Batch(entries: entries))
      head += Int64(entries.count)
    }

    func work(_ count: Int) throws { try write((0..<count).map { .controllerStarted(epoch: Int64($0)) }) }

    /// Turns until something is signed, and writes it down; `nil`: it knows all it needs, and signs nothing.
    func turns() throws -> Int64? {
      let end = ContinuousClock.now + .seconds(30)
      var idle = 0
      while idle < 3, ContinuousClock.now < end {
        if notary.isReady { idle += 1 } else { Thread.sleep(forTimeInterval: 0.002) }
        guard let fact = notary.turn(now, head: head), case .checkpointed(let size, _) = fact else { continue }
        try write([.audit(fact)])
        return size
      }
      return nil
    }

    func settle() {
      let end = ContinuousClock.now + .seconds(30)
      while !notary.isIdle(now, head: head), ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.01) }
    }
  }

  private let path = FileManager.default.temporaryDirectory.appendingPathComponent("notary-\(UUID().uuidString).db")
    .path
  private let signer: NoteSigner

  init() throws { signer = try NoteSigner(name: "example.com/log") }

  @Test func `after so many entries, or so much time, and never for records of checkpoints alone`() throws {
    let office = try Office(path, signer: signer)
    try office.work(9)
    #expect(try office.turns() == nil)
    try office.work(1)
    #expect(try office.turns() == 10)
    office.settle()
    #expect(office.shelf.kept.map(\.checkpoint.size) == [10])
    office.now = office.now + .hours(1)
    #expect(try office.turns() == nil)
    try office.work(1)
    office.now = office.now + .minutes(15)
    #expect(try office.turns() == 12)
    office.settle()
    #expect(office.shelf.kept.map(\.checkpoint.size) == [10, 12])
    #expect(office.shelf.kept.allSatisfy { signer.verifier.verifies($0.note) })
    office.store.close()
    let evidence = Audit.Evidence(
      checkpoints: office.shelf.kept.map { ("shelf", $0) }, verifiers: [signer.verifier])
    let report = try Audit.verify(path, against: evidence)
    #expect(report.finding == nil)
    #expect(report.checkpoints?.signed == 4)
  }

  @Test func `before a controller leaves it signs for what is new, and for nothing that is not`() throws {
    let office = try Office(path, signer: signer, entries: 1000)
    try office.work(3)
    let fact = office.notary.last(office.now, head: office.head)
    guard case .checkpointed(3, _)? = fact else { return #expect(Bool(false), "\(String(describing: fact))") }
    try office.write([.audit(try #require(fact))])
    #expect(office.notary.last(office.now, head: office.head) == nil)
  }

  @Test func `a sink that failed gets what it missed, from the journal, also from the next controller`() throws {
    let shelf = Shelf()
    let first = try Office(path, signer: signer, shelf: shelf)
    #expect(try first.turns() == nil)
    shelf.fail(true)
    try first.work(10)
    #expect(try first.turns() == 10)
    first.settle()
    #expect(shelf.kept.isEmpty)
    first.store.close()
    shelf.fail(false)
    let second = try Office(path, signer: signer, shelf: shelf)
    second.settle()
    #expect(shelf.kept.map(\.checkpoint.size) == [10])
  }

  @Test func `nothing is signed for a journal that is not what was signed for`() throws {
    let other = path + ".other"
    let honest = try Office(other, signer: signer)
    try honest.work(10)
    #expect(try honest.turns() == 10)
    honest.settle()
    var kept = try #require(honest.shelf.kept.first)
    honest.store.close()
    // Somebody put another journal in its place, and the shelf is out of reach for them.
    let forged = try Office(path, signer: signer, shelf: Shelf([kept]), notify: ["auditors"])
    try forged.write((0..<30).map { .controllerStarted(epoch: $0 + 100) })
    #expect(try forged.turns() == nil)
    #expect(forged.notices().map(\.notice.severity) == [.critical])
    forged.store.close()
    // The same, with the store's name copied too.
    kept.checkpoint.store = forged.store.head.store
    let signed = try SignedCheckpoint(kept.checkpoint, by: signer)
    let careful = try Office(path, signer: signer, shelf: Shelf([signed]))
    #expect(try careful.turns() == nil)
    careful.store.close()
    // What another key has signed is nothing to go by.
    let mallory = try NoteSigner(name: "example.com/log")
    let stranger = try SignedCheckpoint(kept.checkpoint, by: mallory)
    let calm = try Office(path, signer: signer, shelf: Shelf([stranger]))
    #expect(try calm.turns() == 30)
  }

  @Test func `a checkpoint goes to notifiers once, under a key of its own`() throws {
    let office = try Office(path, signer: signer, notify: ["auditors"])
    try office.work(10)
    #expect(try office.turns() == 10)
    office.settle()
    let notices = office.notices()
    #expect(notices.map(\.notifier) == ["auditors"])
    #expect(notices.first?.notice.key == "\(office.store.head.store)-checkpoint-10")
    #expect(notices.first.map { (try? SignedNote($0.notice.text)).map(signer.verifier.verifies) } == true)
  }
}
