import Engine
import Flags
import GRDB
import PipelineModel

extension Schema {
  /// `moments` says which entries the time line of a service shows: a few of a run's many. An entry of no service in
  /// particular stands under an empty name. `closed` is the entry that closed an incident.
  static let timeline = """
    CREATE TABLE moments (
      service TEXT NOT NULL,
      seq INTEGER NOT NULL,
      environment TEXT NOT NULL,
      run INTEGER,
      PRIMARY KEY (service, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX moments_in_order ON moments (seq);
    CREATE TABLE incidents (
      number INTEGER PRIMARY KEY,
      title TEXT NOT NULL,
      services TEXT NOT NULL,
      environment TEXT,
      severity TEXT NOT NULL,
      since INTEGER NOT NULL,
      opened INTEGER NOT NULL,
      closed INTEGER,
      ended_at INTEGER
    ) STRICT;
    CREATE INDEX incidents_by_beginning ON incidents (since);
    CREATE INDEX incidents_by_end ON incidents (ended_at) WHERE ended_at IS NOT NULL;
    CREATE INDEX incidents_open ON incidents (number) WHERE closed IS NULL;
    """

  /// Fills `moments` and `incidents` from a journal that was written before there were such tables, or before the entries
  /// counted that count in them now. Rows of entries that lie in an archive stay as they are.
  static func findMoments(_ db: Database) throws {
    let first = try Int64.fetchOne(db, sql: "SELECT min(seq) FROM journal") ?? 1
    try db.execute(sql: "DELETE FROM moments WHERE seq >= ?", arguments: [first])
    try db.execute(sql: "DELETE FROM incidents WHERE opened >= ?", arguments: [first])
    let timeline = try TimelineStatements(db)
    let rows = try Prepared(db, "SELECT seq, entry FROM journal ORDER BY seq")
    var measurements = MeasurementReader()
    while try rows.step() {
      let bytes = rows.bytes(1)
      if measurements.read(bytes) != nil { continue }
      let entry = try Entry(stored: bytes, at: rows.integer(0))
      try timeline.put(entry)
      if let run = entry.run, entry.isMoment { try timeline.put(entry.sequence, of: run) }
    }
  }
}

/// Writes what the time lines of services are found by.
struct TimelineStatements {
  private let addOfRun: Prepared
  private let add: Prepared
  private let open: Prepared
  private let close: Prepared
  private let reach: Prepared
  private let freezes: FreezeTable

  init(_ db: Database) throws {
    addOfRun = try Prepared(
      db, "INSERT OR IGNORE INTO moments SELECT service, ?1, environment, id FROM runs WHERE id = ?2")
    add = try Prepared(db, "INSERT OR IGNORE INTO moments VALUES (?1, ?2, ?3, NULL)")
    open = try Prepared(db, "INSERT INTO incidents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, NULL)")
    freezes = FreezeTable(db: db)
    // Migrations that fill the table of moments come before the one that knows how far it reaches.
    let knowsReach = try db.columns(in: "store").contains { $0.name == "moments" }
    reach = try Prepared(db, knowsReach ? "UPDATE store SET moments = ?1" : "SELECT ?1 WHERE 0")
    close = try Prepared(db, "UPDATE incidents SET closed = ?2, ended_at = ?3 WHERE number = ?1")
  }

  /// What is found otherwise than by a run.
  func put(_ entry: Entry) throws {
    switch entry.fact {
    case .incident(let fact): try put(fact, entry.sequence)
    case .flag(let fact): try put(fact.services, fact.name?.environment, entry.sequence)
    case .freeze(let fact): try put(fact, entry)
    default: break
    }
  }

  /// A moment of a run, which must stand in `runs` by now.
  func put(_ sequence: Int64, of run: RunID) throws {
    addOfRun.bind(1, sequence)
    addOfRun.bind(2, run.number)
    try addOfRun.run()
  }

  /// Moments of runs, and that the table has all up to an entry.
  func put(_ moments: RunMoments, through sequence: Int64) throws {
    try moments.forEach { try put($0, of: $1) }
    reach.bind(1, sequence)
    try reach.run()
  }

  /// What is of no service in particular may concern any: a flag that nobody said which services read.
  private func put(_ services: [String], _ environment: String?, _ sequence: Int64) throws {
    for service in services.isEmpty ? [""] : services {
      add.bind(1, copying: service)
      add.bind(2, sequence)
      add.bind(3, copying: environment ?? "")
      try add.run()
    }
  }

  private func put(_ fact: FreezeFact, _ entry: Entry) throws {
    try freezes.put(fact, entry)
    if entry.isMoment { try put(fact.services, fact.environment, entry.sequence) }
  }

  private func put(_ fact: IncidentFact, _ sequence: Int64) throws {
    switch fact {
    case .opened(let incident): try put(incident, sequence)
    case .closed(let incident, let end):
      close.bind(1, incident.number)
      close.bind(2, sequence)
      close.bind(3, end.milliseconds)
      try close.run()
    case .refused: break
    }
  }

  private func put(_ incident: Incident, _ sequence: Int64) throws {
    open.bind(1, incident.number)
    open.bind(2, copying: incident.title)
    open.bind(3, copying: try json(incident.services))
    open.bind(4, copying: incident.environment)
    open.bind(5, copying: incident.severity.rawValue)
    open.bind(6, incident.since.milliseconds)
    open.bind(7, sequence)
    try open.run()
  }
}
