import Engine
import GRDB
import PipelineModel

/// What the journal says of time lines and incidents, as their tables must have it. Grows with the incidents, not with the
/// moments.
struct TimelineInJournal {
  /// Of all rows of `moments`, each mixed with a random key.
  private var moments: UInt64 = 0
  /// The table has the moments of runs up to this entry.
  private let reach: Int64
  private var opened: [Int64: Opened] = [:]
  private var closed: [Int64: Closed] = [:]

  private struct Opened: Equatable {
    var sequence: Int64
    var incident: Incident
  }

  private struct Closed: Equatable {
    var sequence: Int64
    var end: Timestamp
  }

  /// What a row says beside what the table of runs says of its run.
  private struct Moment: Hashable {
    var sequence: Int64
    var run: Int64?
    var service: String?
    var environment: String?

    var sum: UInt64 {
      var hasher = Hasher()
      hasher.combine(self)
      return UInt64(bitPattern: Int64(hasher.finalize()))
    }
  }

  init(reaching reach: Int64) { self.reach = reach }

  mutating func add(_ entry: Entry) {
    for moment in moments(of: entry) { moments &+= moment.sum }
    add(carried: entry)
  }

  /// An incident that is still open, perhaps. Moments are counted where the entry lies.
  mutating func add(carried entry: Entry) {
    guard case .incident(let fact) = entry.fact else { return }
    switch fact {
    case .opened(let incident): opened[incident.number] = Opened(sequence: entry.sequence, incident: incident)
    case .closed(let incident, let end): closed[incident.number] = Closed(sequence: entry.sequence, end: end)
    case .refused: break
    }
  }

  mutating func add(_ other: TimelineInJournal) {
    moments &+= other.moments
    opened.merge(other.opened) { first, _ in first }
    closed.merge(other.closed) { first, _ in first }
  }

  private func moments(of entry: Entry) -> [Moment] {
    if let run = entry.run {
      return entry.isMoment && entry.sequence <= reach ? [Moment(sequence: entry.sequence, run: run.number)] : []
    }
    switch entry.fact {
    case .flag(let fact): return Self.moments(fact.services, fact.name?.environment, entry.sequence)
    case .freeze(let fact) where entry.isMoment: return Self.moments(fact.services, fact.environment, entry.sequence)
    default: return []
    }
  }

  private static func moments(_ services: [String], _ environment: String?, _ sequence: Int64) -> [Moment] {
    Set(services.isEmpty ? [""] : services).map {
      Moment(sequence: sequence, service: $0, environment: environment ?? "")
    }
  }

  /// The first disagreement.
  func finding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    try momentFinding(db, extent) ?? incidentFinding(db, extent)
  }

  // MARK: Moments

  private func momentFinding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    if reach > extent.last {
      return finding(max(extent.last, 1), "it is to reach to entry \(reach), which is not there")
    }
    let stored = StoredMoments(try Prepared(db, StoredMoments.query), after: extent.meaning.start)
    var left = moments
    while let row = try stored.next() {
      if !row.isOfItsRun {
        return finding(row.moment.sequence, "it is in the time line of another service than its run's")
      }
      left &-= row.moment.sum
    }
    return left == 0 ? nil : try momentsOneByOne(db, extent)
  }

  /// Only when the sums say that there is something to be found; in what the store has, else somewhere in the archive.
  private func momentsOneByOne(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    let stored = StoredMoments(try Prepared(db, "\(StoredMoments.query) ORDER BY m.seq"), after: extent.base)
    var row = try stored.next()
    let entries = try Prepared(db, "SELECT seq, entry FROM journal ORDER BY seq")
    while try entries.step() {
      let sequence = entries.integer(0)
      var rows: Set<Moment> = []
      while let here = row, here.moment.sequence <= sequence {
        rows.insert(here.moment)
        row = try stored.next()
      }
      if rows != Set(self.moments(of: try Entry(stored: entries.bytes(1), at: sequence))) {
        return finding(sequence, "it has other rows for the entry than it must have")
      }
    }
    return finding(row?.moment.sequence ?? max(extent.last, 1), "it has rows for entries that are none of these")
  }

  private struct StoredMoments {
    struct Row {
      var moment: Moment
      var isOfItsRun: Bool
    }

    static let query = """
      SELECT m.seq, m.service, m.environment, m.run, r.service = m.service AND r.environment = m.environment
      FROM moments m LEFT JOIN runs r ON r.id = m.run WHERE m.seq > ?1
      """

    private let rows: Prepared

    init(_ rows: Prepared, after start: Int64) {
      self.rows = rows
      rows.bind(1, start)
    }

    func next() throws -> Row? {
      guard try rows.step() else { return nil }
      if !rows.isNull(3) {
        return Row(moment: Moment(sequence: rows.integer(0), run: rows.integer(3)), isOfItsRun: rows.integer(4) == 1)
      }
      let moment = Moment(sequence: rows.integer(0), service: rows.text(1), environment: rows.text(2))
      return Row(moment: moment, isOfItsRun: true)
    }
  }

  // MARK: Incidents

  private func incidentFinding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    var rest = opened
    guard let rows = try? db.incidents() else {
      return AuditFinding(max(extent.last, 1), .timeline("incidents", what: "a row of it cannot be read"))
    }
    for row in rows.sorted(by: { $0.opened < $1.opened }) {
      let number = row.incident.number
      if let what = wrong(row, known: rest.removeValue(forKey: number), closed[number], extent) {
        return AuditFinding(max(row.opened, 1), .timeline("incident \(number)", what: what))
      }
    }
    let missing = rest.values.min { $0.sequence < $1.sequence }
    return missing.map {
      AuditFinding($0.sequence, .timeline("incident \($0.incident.number)", what: "it is missing there"))
    }
  }

  private func wrong(
    _ row: IncidentRecord, known: Opened?, _ end: Closed?, _ extent: JournalExtent
  ) -> String? {
    // What was said of an incident that is over may lie in an archive that is not looked at.
    let start = extent.meaning.start
    if known == nil, row.closed == nil || row.opened > start { return "the journal says nothing of it" }
    if let known, known != Opened(sequence: row.opened, incident: row.incident) {
      return "it is not what entry \(known.sequence) says"
    }
    let said = row.closed.flatMap { closed in row.endedAt.map { Closed(sequence: closed, end: $0) } }
    if end == nil, known == nil, let closed = row.closed, closed <= start { return nil }
    return said == end ? nil : "it does not end as the journal says"
  }

  private func finding(_ sequence: Int64, _ what: String) -> AuditFinding {
    AuditFinding(sequence, .timeline("time lines, entry \(sequence)", what: what))
  }
}
