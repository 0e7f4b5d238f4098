import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// Everything that can be done to a journal behind its back is found, and the first bad entry is named. Each mutation is
// made through a plain connection, the triggers dropped first, on a copy of a whole store.

@Suite struct MutationTests {
  private let folder: Folder
  private let entries: [Entry]

  init() throws {
    folder = try Folder()
    entries = try Deployments.fill(folder.store)
  }

  private var last: Int64 { Int64(entries.count) }

  private func finding(_ change: (Database) throws -> Void) throws -> AuditFinding? {
    let copy = try folder.copy(folder.store, to: "\(UUID().uuidString).db")
    try DatabaseQueue(path: copy).write { db in try db.behindItsTriggers { try change(db) } }
    return try Audit.verify(copy).finding
  }

  private func finding(sql: String, _ arguments: StatementArguments = []) throws -> AuditFinding? {
    try finding { try $0.execute(sql: sql, arguments: arguments) }
  }

  @Test func `an untouched store is whole`() throws {
    let report = try Audit.verify(folder.store)
    #expect(report.finding == nil)
    #expect(report.entries == last)
    #expect(try Audit.verify(folder.copy(folder.store, to: "copy.db")) == report)
    #expect(try finding { _ in } == nil)
  }

  @Test func `a table of targets that was edited is found`() throws {
    let path = folder.file("targets.db")
    let store = try Store.openForDriving(path)
    var deployments = Deployments(after: store.head)
    let target = Target(service: "checkout-api", environment: "production")
    func record(_ stable: Int64...) -> TargetRecord {
      let live = TargetRecord.LiveSlot(route: RouteName(router: "edge", route: "checkout"), slot: .green)
      return TargetRecord(
        target: target, stable: stable.map { .init(version: "v\($0)", run: RunID($0)) }, reverted: ["v0"], live: [live])
    }
    deployments.end(deployments.start(1), leaving: record(1))
    deployments.end(deployments.start(2), leaving: record(1, 2))
    try store.append(deployments.take())
    store.close()
    #expect(try Audit.verify(path).finding == nil)
    let changes = [
      "UPDATE targets SET live = replace(live, 'green', 'blue')": "it is not what entry 4 says",
      "UPDATE targets SET stable = '[]'": "it is not what entry 4 says",
      "UPDATE targets SET reverted = '[]'": "it is not what entry 4 says",
      "UPDATE targets SET spent = '[\"availability\"]'": "it is not what entry 4 says",
      "UPDATE targets SET live = 'nonsense'": "it is not what entry 4 says",
      "DELETE FROM targets": "it is missing there",
      "INSERT INTO targets VALUES ('a', 'b', '[]', '[]', '[]', '[]')": "the journal says nothing of it",
    ]
    for (sql, what) in changes.sorted(by: { $0.key < $1.key }) {
      let copy = try folder.copy(path, to: "\(UUID().uuidString).db")
      try DatabaseQueue(path: copy).write { try $0.execute(sql: sql) }
      let found = try Audit.verify(copy).finding
      #expect(found?.description.hasSuffix("the table of targets does not agree with the journal: \(what)") == true)
    }
  }

  @Test(arguments: [
    ("DROP TRIGGER journal_never_changes", "the trigger \"journal_never_changes\" is missing"),
    ("DROP INDEX runs_in_flight", "the index \"runs_in_flight\" is missing"),
    (
      "CREATE TRIGGER quiet AFTER INSERT ON journal BEGIN DELETE FROM runs; END",
      "it has a trigger \"quiet\", which Headgate does not make"
    ),
    ("ALTER TABLE runs ADD COLUMN x TEXT", "the table \"runs\" is not as Headgate makes it"),
    ("DROP VIEW head; CREATE VIEW head AS SELECT max(seq) AS seq, hash, 1 AS epoch FROM journal", nil),
  ])
  func `a store that was made otherwise is found`(_ sql: String, _ what: String?) throws {
    let copy = try folder.copy(folder.store, to: "\(UUID().uuidString).db")
    try DatabaseQueue(path: copy).write { try $0.execute(sql: sql) }
    let finding = try Audit.verify(copy).finding
    #expect(finding?.description.hasPrefix("the store is not made as Headgate makes it: \(what ?? "")") == true)
    #expect(finding?.badEntry == nil, "every entry holds")
  }

  @Test(arguments: [
    "DELETE FROM definitions", "UPDATE definitions SET seq = 2", "UPDATE definitions SET digest = x'00'",
  ])
  func `a table of definitions that was edited is found`(_ sql: String) throws {
    guard case .definitions = try finding(sql: sql)?.kind else {
      return #expect(sql.isEmpty, "a finding of the definitions")
    }
  }

  @Test func `of a file whose second half is gone the first entry that cannot be read is named`() throws {
    let path = folder.file("long.db")
    let entries = try Deployments.fill(path, runs: 5, steps: 400)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for part in [4, 3, 2] {
      let whole = bytes.count * (part - 1) / part
      bytes.replaceSubrange(whole..., with: Data(count: bytes.count - whole))
      try bytes.write(to: URL(fileURLWithPath: path))
      let report = try Audit.verify(path)
      let finding = try #require(report.finding)
      guard case .unreadable = finding.kind else {
        return #expect(finding.description == "an entry that cannot be read")
      }
      #expect(1..<Int64(entries.count) ~= finding.sequence)
      #expect(report.entries == finding.sequence - 1)
      let tip = entries.prefix(Int(report.entries)).reduce(ChainHash.origin) { tip, entry in
        entry.canonical.withUnsafeBytes { tip.next($0) }
      }
      #expect(report.head == tip.hex)
    }
  }

  @Test(arguments: [1, 4096])
  func `a file without its last bytes, or whose first page is damaged, is found, and not refused`(
    _ lost: Int
  ) throws {
    let path = folder.file("cut-\(lost).db")
    try Deployments.fill(path, runs: 5, steps: 400)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    var damaged = bytes
    damaged.replaceSubrange(100..<108, with: Data(count: 8))
    for bytes in [bytes.dropLast(lost), damaged] {
      try bytes.write(to: URL(fileURLWithPath: path))
      #expect(try !Audit.verify(path).isWhole)
    }
  }

  @Test(arguments: ["purpose = 'rehearsal'", "id = 'ffffffffffffffff'"])
  func `a journal in the store of another, or one for something else, is found`(_ change: String) throws {
    let path = folder.file("\(UUID().uuidString).db")
    let store = try Store.openForDriving(path)
    let start = Entry(
      sequence: 1, time: Timestamp(milliseconds: 5), run: nil,
      fact: .controllerStarted(epoch: 1, in: store.head.identity))
    try store.append(Batch(entries: [start]))
    store.close()
    #expect(try Audit.verify(path).isWhole)
    try DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE store SET \(change)") }
    let finding = try #require(try Audit.verify(path).finding)
    #expect(finding.sequence == 1)
    #expect("\(finding)".hasPrefix("entry 1 was written in the real store "), "\(finding)")
  }

  @Test func `an empty store is whole`() throws {
    let path = folder.file("empty.db")
    try Store.openForDriving(path).close()
    let report = try Audit.verify(path)
    #expect(report.isWhole)
    #expect(report.head == String(repeating: "0", count: 64))
  }

  @Test func `every byte of every entry matters`() throws {
    for entry in entries {
      let bytes = entry.canonical
      for position in stride(from: Int(entry.sequence) % 29, to: bytes.count, by: 29) {
        var changed = bytes
        changed[position] ^= 1 << UInt8(position % 7)
        let found = try finding(
          sql: "UPDATE journal SET entry = CAST(? AS TEXT) WHERE seq = ?", [Data(changed), entry.sequence])
        #expect(
          found?.sequence == entry.sequence, "byte \(position) of entry \(entry.sequence): \(String(describing: found))"
        )
      }
    }
  }

  @Test func `every byte of every row matters`() throws {
    let rows = try Rows(folder.copy(folder.store, to: "rows.db"))
    #expect(try rows.finding(upTo: last) == nil)
    for entry in entries {
      let hash = try rows.hash(of: entry.sequence)
      for position in 0..<entry.canonical.count {
        var changed = entry.canonical
        changed[position] ^= 1 << UInt8(position % 7)
        let found = try rows.finding(upTo: last, entry.sequence, entry: changed, hash: hash)
        #expect(found?.sequence == entry.sequence, "byte \(position) of entry \(entry.sequence)")
      }
      for position in hash.indices {
        var changed = hash
        changed[position] ^= 1 << UInt8(position % 8)
        let found = try rows.finding(upTo: last, entry.sequence, entry: entry.canonical, hash: changed)
        #expect(found == AuditFinding(entry.sequence, .hashDiffers), "byte \(position) of hash \(entry.sequence)")
      }
    }
  }

  /// Rows that are changed, checked as the audit's workers do it, and put back, all on one connection.
  private struct Rows {
    private let queue: DatabaseQueue

    init(_ path: String) throws {
      queue = try DatabaseQueue(path: path)
      try queue.write { try $0.execute(sql: "DROP TRIGGER journal_never_changes") }
    }

    func hash(of sequence: Int64) throws -> [UInt8] {
      try queue.read { db in
        Array(try Data.fetchOne(db, sql: "SELECT hash FROM journal WHERE seq = ?", arguments: [sequence]) ?? Data())
      }
    }

    func finding(upTo last: Int64) throws -> AuditFinding? {
      try queue.read { db in
        var check = try EntryCheck(db)
        return check.firstFinding(in: 1...last, isLast: true)
      }
    }

    func finding(upTo last: Int64, _ sequence: Int64, entry: [UInt8], hash: [UInt8]) throws -> AuditFinding? {
      var finding: AuditFinding?
      try queue.inTransaction { db in
        try db.execute(
          sql: "UPDATE journal SET entry = CAST(? AS TEXT), hash = ? WHERE seq = ?",
          arguments: [Data(entry), Data(hash), sequence])
        var check = try EntryCheck(db)
        finding = check.firstFinding(in: 1...last, isLast: true)
        return .rollback
      }
      return finding
    }
  }

  @Test func `every byte of every hash matters`() throws {
    for sequence in 1...last {
      for position in stride(from: Int(sequence) % 13, to: 32, by: 13) {
        let found = try finding { db in
          var hash =
            try Data.fetchOne(db, sql: "SELECT hash FROM journal WHERE seq = ?", arguments: [sequence]) ?? Data()
          hash[position] ^= 0x10
          try db.execute(sql: "UPDATE journal SET hash = ? WHERE seq = ?", arguments: [hash, sequence])
        }
        #expect(found == AuditFinding(sequence, .hashDiffers))
      }
    }
    for hash in ["zeroblob(32)", "zeroblob(31)", "zeroblob(0)", "zeroblob(64)"] {
      #expect(try finding(sql: "UPDATE journal SET hash = \(hash) WHERE seq = 4") == AuditFinding(4, .hashDiffers))
    }
  }

  @Test func `a dropped entry is missing, wherever it was`() throws {
    for sequence in 1..<last {
      #expect(try finding(sql: "DELETE FROM journal WHERE seq = ?", [sequence]) == AuditFinding(sequence, .missing))
    }
    #expect(try finding(sql: "DELETE FROM journal WHERE seq IN (3, 7, 8)") == AuditFinding(3, .missing))
  }

  @Test func `a cut-off end shows`() throws {
    for count in 1...last {
      let found = try finding(sql: "DELETE FROM journal WHERE seq > ?", [last - count])
      #expect(found == AuditFinding(last - count + 1, .cutOff(head: last, last: last - count)))
    }
  }

  @Test func `a cut-off end with a head to match disagrees with the table of runs`() throws {
    let found = try finding { db in
      try db.execute(sql: "DELETE FROM journal WHERE seq > ?", arguments: [last - 3])
      try db.execute(
        sql: "UPDATE head SET (seq, hash) = (SELECT seq, hash FROM journal WHERE seq = ?)", arguments: [last - 3])
    }
    guard case .readModel = found?.kind else { return #expect(found?.description == "a run that disagrees") }
  }

  @Test func `swapped entries are found at the first`() throws {
    for (a, b) in [(1, last), (1, 2), (4, 9), (last - 1, last)] {
      for columns in ["entry, hash", "entry"] {
        let found = try finding(
          sql: """
            UPDATE journal SET (\(columns)) = (SELECT \(columns) FROM journal AS other WHERE other.seq = ?1 + ?2 - journal.seq)
            WHERE seq IN (?1, ?2)
            """, [a, b])
        #expect(found == AuditFinding(a, .misplaced(holds: b)), "\(a) and \(b), \(columns)")
      }
      let found = try finding { db in
        for (from, to) in [(a, -1), (b, a), (-1, b)] as [(Int64, Int64)] {
          try db.execute(sql: "UPDATE journal SET seq = ? WHERE seq = ?", arguments: [to, from])
        }
      }
      #expect(found == AuditFinding(a, .misplaced(holds: b)))
    }
  }

  @Test func `entries renumbered to close a gap are found at the gap`() throws {
    let found = try finding { db in
      try db.execute(sql: "DELETE FROM journal WHERE seq = 5")
      for sequence in 6...last {
        try db.execute(sql: "UPDATE journal SET seq = ? WHERE seq = ?", arguments: [sequence - 1, sequence])
      }
    }
    #expect(found == AuditFinding(5, .misplaced(holds: 6)))
  }

  @Test func `entries put in are found`() throws {
    for sequence in [Int64.min, -3, 0] {
      let found = try finding(sql: "INSERT INTO journal SELECT ?, entry, hash FROM journal WHERE seq = 3", [sequence])
      #expect(found == AuditFinding(sequence, .misplaced(holds: 3)))
    }
    #expect(
      try finding(sql: "INSERT INTO journal SELECT ?, entry, hash FROM journal WHERE seq = 3", [last + 1])
        == AuditFinding(last + 1, .misplaced(holds: 3)))
    for sequence in [last + 2, Int64.max] {
      let found = try finding(sql: "INSERT INTO journal SELECT ?, entry, hash FROM journal WHERE seq = 3", [sequence])
      #expect(found == AuditFinding(last + 1, .missing))
    }
  }

  @Test func `an entry rightly chained that the store did not write is found by the head`() throws {
    var entry = try #require(entries.last)
    entry.sequence = last + 1
    let found = try append(entry.canonical)
    #expect(found == AuditFinding(last + 1, .beyondHead(head: last)))
  }

  @Test func `an entry rightly chained that is not canonical, or runs back in time, is found`() throws {
    var entry = try #require(entries.last)
    entry.sequence = last + 1
    let spaced = Array(String(decoding: entry.canonical, as: UTF8.self).replacing(",", with: ", ").utf8)
    #expect(try append(spaced)?.kind == .notCanonical(offset: 9))
    entry.time = Timestamp(milliseconds: entry.time.milliseconds - 1)
    #expect(try append(entry.canonical) == AuditFinding(last + 1, .timeRunsBack))
    entry.sequence = last
    #expect(try append(entry.canonical) == AuditFinding(last + 1, .misplaced(holds: last)))
  }

  private func append(_ bytes: [UInt8]) throws -> AuditFinding? {
    try finding { db in
      let tip = try Data.fetchOne(db, sql: "SELECT hash FROM journal WHERE seq = ?", arguments: [last]) ?? Data()
      let hash = tip.withUnsafeBytes { tip in bytes.withUnsafeBytes { ChainHash(tip)?.next($0) } }
      try db.execute(
        sql: "INSERT INTO journal VALUES (?, CAST(? AS TEXT), ?)",
        arguments: [last + 1, Data(bytes), hash?.withUnsafeBytes { Data($0) }])
    }
  }

  @Test func `a changed head row shows`() throws {
    #expect(try finding(sql: "DELETE FROM head") == AuditFinding(last, .headMissing))
    #expect(try finding(sql: "UPDATE head SET hash = zeroblob(32)") == AuditFinding(last, .headDiffers))
    #expect(
      try finding(sql: "UPDATE head SET seq = 4611686018427387904")
        == AuditFinding(last + 1, .cutOff(head: 4_611_686_018_427_387_904, last: last)))
    #expect(try finding(sql: "UPDATE head SET seq = seq - 2") == AuditFinding(last - 1, .beyondHead(head: last - 2)))
    #expect(try finding(sql: "UPDATE head SET seq = -5") == AuditFinding(1, .beyondHead(head: -5)))
  }

  @Test(arguments: [
    "UPDATE progress SET last = last - 5 WHERE run = 2", "UPDATE progress SET status = 'failed' WHERE run = 2",
    "UPDATE progress SET status = 'running' WHERE run = 2", "UPDATE progress SET status = 'promoted' WHERE run = 5",
    "DELETE FROM progress WHERE run = 2", "DELETE FROM runs WHERE id = 2",
    "UPDATE runs SET first = first + 1 WHERE id = 2",
    "UPDATE runs SET started_by = 'person:mallory' WHERE id = 2", "UPDATE runs SET version = 'v9' WHERE id = 2",
    "UPDATE runs SET stable = 'v9' WHERE id = 2", "UPDATE runs SET service = 'x' WHERE id = 2",
    "UPDATE runs SET environment = 'x' WHERE id = 2", "UPDATE runs SET pipeline = 'x' WHERE id = 2",
    "UPDATE runs SET started_at = started_at + 1 WHERE id = 2",
    "INSERT INTO runs SELECT 77, pipeline, service, environment, version, stable, started_by, started_at, first FROM runs WHERE id = 2",
    "UPDATE progress SET last = (SELECT last FROM progress WHERE run = 3) WHERE run = 2",
  ])
  func `a table of runs that disagrees is found, and the run named`(_ sql: String) throws {
    let found = try finding(sql: sql)
    guard case .readModel(let run, _) = found?.kind else {
      return #expect(found?.description == "a run that disagrees")
    }
    #expect([2, 5, 77].contains(run.number))
  }

  @Test func `a byte flipped anywhere in the file is found, or changes nothing that is read`() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.store))
    let report = try Audit.verify(folder.store)
    let path = folder.file("flipped.db")
    for position in stride(from: 0, to: whole.count, by: 241) {
      var changed = whole
      changed[position] ^= 1 << UInt8(position % 8)
      try changed.write(to: URL(fileURLWithPath: path))
      guard let found = try? Audit.verify(path), found.isWhole else { continue }
      // Free space, the index, a read model that is not audited, or the name of the store.
      #expect(found.head == report.head && found.entries == report.entries)
      let reading = try Store.openForReading(path)
      for entry in entries { #expect(try reading.entry(entry.sequence) == entry) }
    }
  }

  @Test func `findings are sentences`() {
    #expect(
      AuditFinding(7, .hashDiffers).description == "entry 7: its hash does not match its bytes and the hash before it")
    #expect(AuditFinding(7, .missing).description == "entry 7 is missing: it was dropped")
    #expect(
      AuditFinding(7, .cutOff(head: 9, last: 6)).description
        == "entry 7 is missing: the head says 9 entries, the journal ends at 6")
    #expect(
      AuditFinding(7, .misplaced(holds: 9)).description == "entry 7: the bytes in its place are those of entry 9")
  }
}
