import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// A transaction is written into the log in one piece, and nothing else is different: when a commit returns it is in the
// files, whatever others write in between and however large it is.

@Suite struct JoinedLogTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  /// The files as another machine would find them after a power cut.
  private func filesNow(of path: String) throws -> String {
    let copy = try folder.copy(path, to: "\(UUID().uuidString).db")
    _ = try folder.copy("\(path)-wal", to: "\(URL(fileURLWithPath: copy).lastPathComponent)-wal")
    return copy
  }

  @Test func `a commit is in the files when it returns, of whatever size`() throws {
    let store = try Store.openForDriving(folder.store)
    defer { store.close() }
    var deployments = Deployments(after: store.head)
    let run = deployments.start(1)
    for size in [1, 2, 30, 500, 5000, 1] {
      for step in 1...size { deployments.measure(run, step) }
      try store.append(deployments.take())
      let copy = try filesNow(of: folder.store)
      #expect(try Store.openForReading(copy).head().sequence == store.tip.sequence)
      #expect(try Audit.verify(copy).finding == nil)
    }
  }

  @Test func `others write in between, and the log is begun anew under way`() throws {
    let store = try Store.openForDriving(folder.store)
    let asking = try Store.openForAsking(folder.store)
    var deployments = Deployments(after: store.head)
    let run = deployments.start(1)
    let pause = Request(
      time: Timestamp(milliseconds: 5), actor: .person("alice"), origin: "cli", reason: nil, ask: .act(run, .pause))
    for step in 1...700 {
      deployments.measure(run, step)
      try store.append(deployments.take())
      if step.isMultiple(of: 3) { _ = try asking.make(pause) }
      if step.isMultiple(of: 50) { #expect(try Audit.verify(filesNow(of: folder.store)).finding == nil) }
    }
    #expect(try store.requests().count == 233)
    store.close()
    #expect(try Audit.verify(folder.store).entries == 701)
  }

  @Test func `pages that a transaction writes over, and takes back, are as without it`() throws {
    let queue = try DatabaseQueue(path: StoreFile(folder.store).withOwnFiles())
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = 10")
      try db.execute(sql: "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
    }
    var seed: UInt64 = 7
    func next(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % bound
    }
    var expected: [Int: String] = [:]
    for turn in 1...120 {
      var inside = expected
      try queue.writeWithoutTransaction { db in
        try db.execute(sql: "BEGIN IMMEDIATE")
        for _ in 0..<next(150) {
          let (id, text) = (next(400), String(repeating: "\(turn) ", count: next(300)))
          try db.execute(sql: "INSERT OR REPLACE INTO t VALUES (?, ?)", arguments: [id, text])
          inside[id] = text
        }
        if turn.isMultiple(of: 5) { return try db.execute(sql: "ROLLBACK") }
        try db.execute(sql: "COMMIT")
        expected = inside
      }
      guard turn.isMultiple(of: 8) else { continue }
      let copy = try DatabaseQueue(path: filesNow(of: folder.store))
      try copy.read { db in
        let rows = try Row.fetchAll(db, sql: "SELECT id, text FROM t").map { ($0["id"] as Int, $0["text"] as String) }
        let whole = try String.fetchOne(db, sql: "PRAGMA integrity_check")
        #expect(Dictionary(uniqueKeysWithValues: rows) == expected)
        #expect(whole == "ok")
      }
    }
  }

  @Test func `a transaction that is taken back leaves nothing that is written over what others wrote`() throws {
    let (first, second) = (try wal(), try wal())
    try first.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA cache_size = 10; CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
      try db.execute(sql: "CREATE TABLE u (id INTEGER PRIMARY KEY, text TEXT)")
    }
    let text = String(repeating: "x", count: 3000)
    for turn in 1...40 {
      try first.writeWithoutTransaction { db in
        try db.execute(sql: "BEGIN IMMEDIATE")
        // More than the cache holds, so that some of it lies in the log, and some waits.
        for id in 1...(10 + turn) { try db.execute(sql: "INSERT INTO t VALUES (?, ?)", arguments: [id, text]) }
        try db.execute(sql: "ROLLBACK")
      }
      try second.writeWithoutTransaction {
        try $0.execute(sql: "INSERT INTO u VALUES (?, ?)", arguments: [turn, text])
      }
      let found = try first.writeWithoutTransaction { db in
        [
          try String.fetchOne(db, sql: "SELECT count(*) FROM u"),
          try String.fetchOne(db, sql: "SELECT count(*) FROM t"),
          try String.fetchOne(db, sql: "PRAGMA integrity_check"),
        ]
      }
      #expect(found == ["\(turn)", "0", "ok"])
    }
  }

  private func wal() throws -> DatabaseQueue {
    let queue = try DatabaseQueue(path: StoreFile(folder.store).withOwnFiles())
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL") }
    return queue
  }

  @Test func `what could not be written is not written later, over what others wrote meanwhile`() async {
    // In a process of its own, where files may not grow for a while.
    await #expect(processExitsWith: .success) {
      signal(SIGXFSZ, SIG_IGN)
      let folder = try Folder()
      let store = try Store.openForDriving(folder.store)
      var deployments = Deployments(after: store.head)
      let run = deployments.start(1)
      try store.append(deployments.take())
      let asking = try Store.openForAsking(folder.store)
      for step in 1...30 {
        deployments.measure(run, step)
        let batch = deployments.take()
        precondition(failsToWrite { try store.append(batch) }, "step \(step)")
        // Another process writes at the same place of the log.
        let request = Request(
          time: Timestamp(milliseconds: Int64(step)), actor: .person("alice"), origin: "cli", reason: "why",
          ask: .act(run, .pause))
        _ = try asking.make(request)
        let count = try store.requests().count
        precondition(count == step, "step \(step): \(count)")
        try store.append(batch)
        try store.withDatabase { db in
          let whole = try String.fetchOne(db, sql: "PRAGMA integrity_check")
          precondition(whole == "ok", "step \(step): \(whole ?? "")")
        }
      }
      store.close()
      let isWhole = try Audit.verify(folder.store).isWhole
      precondition(isWhole)
    }
  }
}

/// Whether `body` throws where nothing can be written into any file of this process beyond its first byte.
private func failsToWrite(_ body: () throws -> Void) -> Bool {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
  var none = rlimit(rlim_cur: 1, rlim_max: limit.rlim_max)
  setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &none)
  defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) }
  return (try? body()) == nil
}
