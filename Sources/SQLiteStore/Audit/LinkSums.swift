import Controller
import Engine
import GRDB
import PipelineModel

/// Sums over all entries that tell in constant memory whether the table of runs names the first and the last entry of
/// each run, and whether what it says of its start is what the journal says.
///
/// Every entry of a run is either the one before another of the same run, or the run's last; so the entries and the
/// links with the table's last ones have the same sum of (entry, run), each mixed with a random key.
struct LinkSums {
  /// Entries up to here are not looked at.
  private let start: Int64
  private var links: UInt64 = 0
  private var starts: UInt64 = 0

  private static let key = UInt64.random(in: .min ... .max)

  init(after start: Int64) { self.start = start }

  mutating func add(_ other: LinkSums) {
    links &+= other.links
    starts &+= other.starts
  }

  mutating func add(_ entry: EntryHeader) {
    guard let run = entry.run else { return }
    links &+= Self.mix(entry.sequence, run.number)
    if entry.previous > start { links &-= Self.mix(entry.previous, run.number) }
  }

  mutating func add(_ start: RunStart) { starts &+= Self.mix(start) }

  /// The first disagreement; found by going through the journal once more, run by run, only when the sums say that there
  /// is one.
  func finding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    var rest = self
    let rows = try Prepared(
      db, "\(RunStart.select), progress.last, progress.status FROM runs LEFT JOIN progress ON progress.run = runs.id")
    while try rows.step() {
      let start = RunStart(rows)
      let last = rows.integer(9)
      if last > self.start || last == 0 { rest.links &-= Self.mix(last, start.run) }
      if start.first > self.start { rest.starts &-= Self.mix(start) }
      if let what = try db.disagreement(status: rows.text(10), last: last, since: extent.base) {
        return AuditFinding(last, .readModel(RunID(start.run), what: what))
      }
    }
    guard rest.links != 0 || rest.starts != 0 else { return nil }
    return try RunsAgainstJournal(db, after: self.start).finding()
  }

  private static func mix(_ sequence: Int64, _ run: Int64) -> UInt64 {
    // Two rounds of the SplitMix64 finaliser, keyed.
    var z = UInt64(bitPattern: sequence) &* 0x9E37_79B9_7F4A_7C15 ^ key
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &+ UInt64(bitPattern: run) &* 0x94D0_49BB_1331_11EB
    z = (z ^ (z >> 31)) &* 0xD6E8_FEB8_6659_FD93
    return z ^ (z >> 32)
  }

  private static func mix(_ start: RunStart) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(start)
    return mix(Int64(hasher.finalize()), start.run)
  }
}

/// What the table of runs repeats of a run's first entry.
struct RunStart: Hashable {
  var run: Int64
  var first: Int64
  var pipeline: String
  var target: Target
  var version: String
  var stable: String?
  var startedBy: String
  var startedAt: Int64

  static let select = "SELECT id, first, pipeline, service, environment, version, stable, started_by, started_at"

  /// Of a row that begins with the columns of `select`.
  init(_ rows: Prepared) {
    run = rows.integer(0)
    first = rows.integer(1)
    pipeline = rows.text(2)
    target = Target(service: rows.text(3), environment: rows.text(4))
    version = rows.text(5)
    stable = rows.optionalText(6)
    startedBy = rows.text(7)
    startedAt = rows.integer(8)
  }

  init(_ entry: Entry, _ run: RunID, _ start: Start) {
    self.run = run.number
    first = entry.sequence
    pipeline = start.pipeline
    target = start.target
    version = start.version
    stable = start.stable
    startedBy = entry.actor.description
    startedAt = entry.time.milliseconds
  }
}

extension Database {
  /// What is wrong with a run's status, seen from its last entries; `nil`: nothing.
  ///
  /// A run has ended when the last thing decided of it is its end; what was refused or came late afterwards decides
  /// nothing. Where what decided lies in an archive, nothing can be said.
  func disagreement(status: String, last: Int64, since base: Int64) throws -> String? {
    var sequence = last
    var outcome: Outcome?
    while sequence > base, let entry = try entry(sequence) {
      if let end = entry.decisions.compactMap(\.outcome).last { outcome = end }
      if entry.decisions.contains(where: { $0 != .ignored }) { break }
      sequence = entry.previous
    }
    if sequence <= base, base > 0 { return nil }
    if let outcome, outcome.rawValue != status { return "it has ended, \(outcome.rawValue), and stands as \(status)" }
    if outcome == nil, Outcome(rawValue: status) != nil { return "it stands as \(status), and has not ended" }
    return nil
  }
}

extension Decision {
  fileprivate var outcome: Outcome? {
    if case .ended(let outcome) = self { outcome } else { nil }
  }
}
