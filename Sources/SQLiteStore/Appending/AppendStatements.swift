import Controller
import Crypto
import Engine
import GRDB
import PipelineModel

/// The statements of an append, prepared once.
struct AppendStatements {
  private let begin, commit, rollback: Prepared
  let moveHead: Prepared
  let addEntry: Prepared
  let step: Prepared
  let end: Prepared
  let addRun: Prepared
  let addProgress: Prepared
  let putTarget: Prepared
  let define: Prepared
  let answer: Prepared
  let timeline: TimelineStatements
  private let flags: FlagStatements
  let db: Database

  init(_ db: Database) throws {
    self.db = db
    begin = try Prepared(db, "BEGIN IMMEDIATE")
    commit = try Prepared(db, "COMMIT")
    rollback = try Prepared(db, "ROLLBACK")
    moveHead = try Prepared(
      db, "UPDATE progress SET last = ?1, hash = ?2 WHERE run = \(Schema.headKey) AND epoch = ?3 AND last = ?4")
    addEntry = try Prepared(db, "INSERT INTO journal (seq, entry, hash) VALUES (?1, ?2, ?3)")
    step = try Prepared(
      db,
      "UPDATE progress SET status = ?2, stage = ?3, weight = ?4, last = ?5 WHERE run = ?1 AND ended_at IS NULL")
    end = try Prepared(
      db, "UPDATE progress SET status = ?2, stage = ?3, weight = ?4, last = ?5, ended_at = ?6 WHERE run = ?1")
    addRun = try Prepared(db, "INSERT INTO runs VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
    addProgress = try Prepared(
      db, "INSERT INTO progress (run, status, stage, weight, last, ended_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    putTarget = try Prepared(db, "INSERT OR REPLACE INTO targets VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    define = try Prepared(db, "INSERT OR IGNORE INTO definitions VALUES (?1, ?2)")
    answer = try Prepared(
      db, "UPDATE requests SET answered = ?2, run = ?3, refusal = ?4, entry = ?5, first_entry = ?6 WHERE id = ?1")
    timeline = try TimelineStatements(db)
    flags = try FlagStatements(db)
  }

  /// All that `body` writes, or nothing of it.
  func transaction(_ body: () throws -> Void) throws {
    try begin.run()
    do {
      try body()
      try commit.run()
    } catch {
      // SQLite has gone back by itself after some errors; then there is nothing to go back from.
      try? rollback.run()
      throw error
    }
  }

  func begin(_ run: RunRecord) throws {
    try add(run)
    try put(run.progress, addProgress)
  }

  func put(_ progress: RunProgress) throws {
    if progress.endedAt != nil { return try put(progress, end) }
    try put(progress, step, endChanges: false)
    // A promoted run that is rolled back after all has its end taken away again.
    if step.changes == 0 { try put(progress, end) }
  }

  private func put(_ progress: RunProgress, _ statement: Prepared, endChanges: Bool = true) throws {
    statement.bind(1, progress.run.number)
    statement.bind(4, Int64(progress.weight.basisPoints))
    statement.bind(5, progress.last)
    if endChanges {
      if let ended = progress.endedAt { statement.bind(6, ended.milliseconds) } else { statement.bindNull(6) }
    }
    try statement.withText(2, progress.status.rawValue) {
      guard let stage = progress.stage else {
        statement.bindNull(3)
        return try statement.run()
      }
      try statement.withText(3, stage, statement.run)
    }
  }

  private func add(_ run: RunRecord) throws {
    addRun.bind(1, run.id.number)
    addRun.bind(2, copying: run.pipeline)
    addRun.bind(3, copying: run.target.service)
    addRun.bind(4, copying: run.target.environment)
    addRun.bind(5, copying: run.version)
    addRun.bind(6, copying: run.stable)
    addRun.bind(7, copying: run.startedBy.description)
    addRun.bind(8, run.startedAt.milliseconds)
    addRun.bind(9, run.first)
    try addRun.run()
  }

  func put(_ target: TargetRecord) throws {
    let stored = try StoredTarget(target)
    putTarget.bind(1, copying: target.target.service)
    putTarget.bind(2, copying: target.target.environment)
    putTarget.bind(3, copying: stored.stable)
    putTarget.bind(4, copying: stored.reverted)
    putTarget.bind(5, copying: stored.live)
    putTarget.bind(6, copying: stored.spent)
    try putTarget.run()
  }

  func remember(definition text: String, at sequence: Int64) throws {
    try digest(of: text).withUnsafeBytes { digest in
      define.bind(1, blob: digest)
      define.bind(2, sequence)
      try define.run()
    }
  }

  /// What the read models have of an entry itself.
  func note(_ entry: Entry) throws {
    switch entry.fact {
    case .defined(_, _, let text): try remember(definition: text, at: entry.sequence)
    case .flag(let fact): try flags.note(fact, of: entry)
    case .audit(let fact): try put(fact, at: entry.sequence)
    default: break
    }
  }

  func put(_ answered: Batch.Answered, at sequence: Int64) throws {
    answer.bind(1, answered.request)
    answer.bind(2, sequence)
    if let run = answered.run { answer.bind(3, run.number) } else { answer.bindNull(3) }
    answer.bind(4, copying: answered.refusal)
    if let entry = answered.entry { answer.bind(5, entry) } else { answer.bindNull(5) }
    if let first = answered.firstEntry { answer.bind(6, first) } else { answer.bindNull(6) }
    try answer.run()
  }
}

/// What definitions are looked up by.
func digest(of text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }
