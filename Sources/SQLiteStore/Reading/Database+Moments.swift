import Controller
import Engine
import GRDB
package import PipelineModel

/// Which part of a store's history is shown: moments, or the incidents and freezes of which a part lies in it. What is `nil`
/// does not filter.
package struct MomentFilter: Hashable, Sendable {
  /// What is of no service in particular is of every service.
  package var service: String?
  /// What is of no environment in particular is of every environment.
  package var environment: String?
  /// At this instant or later; what lasts is not over before.
  package var from: Timestamp?
  /// Before this instant; what lasts has begun by then.
  package var to: Timestamp?

  package init(
    service: String? = nil, environment: String? = nil, from: Timestamp? = nil, to: Timestamp? = nil
  ) {
    self.service = service
    self.environment = environment
    self.from = from
    self.to = to
  }

  /// Whether something of these services, or of all, is of the service and the environment that are asked for.
  func includes(_ services: [String], in environment: String?) -> Bool {
    if let service, !services.isEmpty, !services.contains(service) { return false }
    if let wanted = self.environment, let environment, environment != wanted { return false }
    return true
  }
}

/// An entry that a time line shows.
package struct MomentRow: Hashable, Sendable {
  package var sequence: Int64
  /// `nil`: of no run.
  package var run: RunID?
  /// `nil`: of none in particular.
  package var service: String?
  package var environment: String?
}

extension Database {
  /// From one service to the next by the key of `moments`, past all that each of them has. An index in the order of the
  /// journal would be one more page to write with every step of a run.
  private static let everyService = """
    WITH RECURSIVE named(service) AS (
      SELECT min(service) FROM moments
      UNION ALL
      SELECT (SELECT min(service) FROM moments WHERE service > named.service) FROM named WHERE service IS NOT NULL
    )
    """

  /// Rows of the entries from ?1 to ?2, of the service ?3 where one is named.
  static func moments(ofService isNamed: Bool) -> String {
    """
    \(isNamed ? "WITH named(service) AS (SELECT '' UNION SELECT ?3)" : everyService)
    SELECT seq, run, service, environment FROM named JOIN moments USING (service)
    WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq, service
    """
  }

  /// In the order of the journal; an entry of several services once for each.
  ///
  /// Time never runs back in a journal, so a period is a range of numbers, found by bisection; what is in it is found
  /// service by service. It costs what it returns and a look for each service, whatever the journal's length.
  ///
  /// In an archive it is a range of whole segments.
  func moments(_ filter: MomentFilter, archive: ArchiveFolder?) throws -> [MomentRow] {
    let archived = try archivedPart().last
    var from = try filter.from.map { try firstEntry(at: $0) } ?? 1
    if from == archived + 1, let archive, let instant = filter.from { from = try archive.start(at: instant) }
    if archive == nil { from = max(from, archived + 1) }
    let to = try filter.to.map { try firstEntry(at: $0) - 1 } ?? .max
    return from <= to ? try moments(filter, from...to) : []
  }

  /// Those in archives, when the period may reach there.
  func hiddenMoments(_ filter: MomentFilter) throws -> Int {
    let archived = try archivedPart().last
    guard archived > 0, try filter.from.map({ try firstEntry(at: $0) }) ?? 1 <= archived + 1 else { return 0 }
    if let from = filter.from, let first = try entry(archived + 1), first.time <= from { return 0 }
    return try moments(filter, 1...archived).count
  }

  private func moments(_ filter: MomentFilter, _ range: ClosedRange<Int64>) throws -> [MomentRow] {
    let rows = try Prepared(self, Self.moments(ofService: filter.service != nil))
    rows.bind(1, range.lowerBound)
    rows.bind(2, range.upperBound)
    if let service = filter.service { rows.bind(3, copying: service) }
    var moments: [MomentRow] = []
    while try rows.step() {
      let environment = rows.text(3)
      if let wanted = filter.environment, !environment.isEmpty, environment != wanted { continue }
      let service = rows.text(2)
      moments.append(
        MomentRow(
          sequence: rows.integer(0), run: rows.isNull(1) ? nil : RunID(rows.integer(1)),
          service: service.isEmpty ? nil : service, environment: environment.isEmpty ? nil : environment))
    }
    try unnotedMoments(in: range) { sequence, run in
      guard let target = try self.run(run)?.target, filter.includes([target.service], in: target.environment) else {
        return
      }
      moments.append(
        MomentRow(sequence: sequence, run: run, service: target.service, environment: target.environment))
    }
    return moments.sorted { ($0.sequence, $0.service ?? "") < ($1.sequence, $1.service ?? "") }
  }

  /// How many entries of the store are in the filter's period.
  func count(_ filter: EntryFilter) throws -> Int64 {
    let first = try filter.from.map { try firstEntry(at: $0) } ?? archivedPart().last + 1
    let end = try filter.to.map { try firstEntry(at: $0) } ?? journalHead().sequence + 1
    return max(0, end - first)
  }

  /// Number of the first entry in the store at `instant` or later; one more than the last when all are earlier.
  func firstEntry(at instant: Timestamp) throws -> Int64 {
    var low = try archivedPart().last + 1
    var high = try (Int64.fetchOne(self, sql: "SELECT max(seq) FROM journal") ?? low - 1) + 1
    while low < high {
      let middle = low + (high - low) / 2
      guard let entry = try entry(middle) else { throw damaged(middle) }
      if entry.time < instant { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
