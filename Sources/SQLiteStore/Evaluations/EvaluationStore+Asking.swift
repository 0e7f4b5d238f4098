package import Controller
package import Engine
package import Flags
import GRDB
package import PipelineModel

extension EvaluationStore {
  /// Who was given a flag from an instant on until before another, by variant and subject: instants and numbers are of
  /// that time only.
  ///
  /// - Parameters:
  ///   - variant: `nil`: any.
  ///   - subject: a targeting key; `nil`: anybody's.
  ///   - limit: at most so many.
  package func exposures(
    to flag: String, in environment: String, from: Timestamp?, until: Timestamp?, variant: String? = nil,
    subject: String? = nil, limit: Int = 1_000_000
  ) throws(JournalFailure) -> [FlagExposure] {
    let arguments: StatementArguments = [
      "from": from?.milliseconds ?? 0, "until": until?.milliseconds ?? .max, "environment": environment, "flag": flag,
      "variant": variant, "subject": subject.map(stored), "limit": limit,
    ]
    return try look { db in
      let rows = try Row.fetchCursor(db, sql: Self.exposures, arguments: arguments)
      var exposures: [FlagExposure] = []
      while let row = try rows.next() { exposures.append(FlagExposure(row)) }
      return exposures
    }
  }

  /// Of an hour only the first and the last occasion are known, and how many there were: `starts` and `ends` say which
  /// of the two lie between. A row is of the hour that it began in, and may end in the next.
  private static let exposures = """
    SELECT variant, subject, way,
      min(CASE WHEN starts THEN first WHEN ends THEN last END) AS first,
      max(CASE WHEN ends THEN last WHEN starts THEN first END) AS last,
      sum(CASE WHEN starts AND ends THEN count ELSE starts + ends END) AS least,
      sum(CASE WHEN starts AND ends THEN count ELSE count - (NOT starts) - (NOT ends) END) AS most
    FROM (
      SELECT *, (first >= :from AND first < :until) AS starts, (last >= :from AND last < :until) AS ends
      FROM exposures
      WHERE environment = :environment AND flag = :flag
        AND hour >= :from / 3600000 - 1 AND hour <= :until / 3600000
        AND last >= :from AND first < :until AND (first >= :from OR last < :until OR count > 2)
        AND (:variant IS NULL OR variant = :variant) AND (:subject IS NULL OR subject = :subject)
    )
    GROUP BY variant, subject, way ORDER BY variant, subject, way LIMIT :limit
    """

  /// The variants that a flag was counted with, at any time; empty: nobody was ever given it.
  package func variants(of flag: String, in environment: String) throws(JournalFailure) -> Set<String> {
    try look { db in
      try String.fetchSet(
        db, sql: "SELECT DISTINCT variant FROM counts WHERE environment = ? AND flag = ? AND reason <> 'ERROR'",
        arguments: [environment, flag])
    }
  }

  /// How flags were asked for from the hour of an instant on, by flag.
  package func usage(in environment: String, since instant: Timestamp) throws(JournalFailure) -> [String: FlagUsage] {
    try look { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT flag, variant, way, sum(count) AS count, max(last) AS last FROM counts
          WHERE environment = ? AND hour >= ? AND reason <> 'ERROR' GROUP BY flag, variant, way
          """,
        arguments: [environment, Self.hour(of: instant)])
      var usage: [String: FlagUsage] = [:]
      while let row = try rows.next() {
        let flag: String = row["flag"]
        usage[flag, default: FlagUsage(environment: environment, flag: flag)].add(
          row["count"], variant: row["variant"], way: EvaluationWay(rawValue: row["way"]) ?? .single,
          last: Timestamp(milliseconds: row["last"]))
      }
      return usage
    }
  }

  /// When a flag was last given out, as far as is kept.
  package func lastUse(of flag: String, in environment: String) throws(JournalFailure) -> FlagUse {
    try look { db in
      var use = FlagUse()
      let rows = try Row.fetchCursor(
        db, sql: "SELECT way, max(last) AS last FROM counts WHERE environment = ? AND flag = ? GROUP BY way",
        arguments: [environment, flag])
      while let row = try rows.next() {
        let last = Timestamp(milliseconds: row["last"])
        switch EvaluationWay(rawValue: row["way"]) {
        case .bulk: use.withOthers = last
        case .single, nil: use.alone = last
        }
      }
      let taken = try documents(in: environment, since: nil, db)?.last
      use.withOthers = [use.withOthers, taken].compactMap(\.self).max()
      return use
    }
  }

  /// How often the definitions of all flags were taken from the hour of an instant on.
  package func documents(in environment: String, since instant: Timestamp) throws(JournalFailure) -> Int64 {
    try look { try documents(in: environment, since: instant, $0)?.count ?? 0 }
  }

  private func documents(
    in environment: String, since instant: Timestamp?, _ db: Database
  ) throws -> (last: Timestamp, count: Int64)? {
    // A file that an earlier version made has no such table until it is written to.
    guard try db.tableExists("documents"),
      let row = try Row.fetchOne(
        db, sql: "SELECT max(last) AS last, sum(count) AS count FROM documents WHERE environment = ? AND hour >= ?",
        arguments: [environment, instant.map(Self.hour) ?? 0]), let last: Int64 = row["last"]
    else { return nil }
    return (Timestamp(milliseconds: last), row["count"])
  }

  /// What is in no count and in no list, of the hours that touch a time.
  package func losses(
    from: Timestamp?, until: Timestamp?
  ) throws(JournalFailure) -> (evaluations: Int64, exposures: Int64) {
    try look { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT ifnull(sum(evaluations), 0) AS evaluations, ifnull(sum(exposures), 0) AS exposures FROM losses
          WHERE hour >= ? AND hour <= ?
          """,
        arguments: [from.map(Self.hour) ?? 0, until.map(Self.hour) ?? .max])
      return (row?["evaluations"] ?? 0, row?["exposures"] ?? 0)
    }
  }
}

extension FlagUsage {
  fileprivate mutating func add(_ count: Int64, variant: String, way: EvaluationWay, last: Timestamp) {
    variants[variant, default: 0] += count
    switch way {
    case .single:
      single += count
      self.last = max(self.last ?? last, last)
    case .bulk: bulk += count
    }
  }
}

extension FlagExposure {
  fileprivate init(_ row: Row) {
    let (first, last): (Int64?, Int64?) = (row["first"], row["last"])
    self.init(
      subject: row["subject"], variant: row["variant"], way: EvaluationWay(rawValue: row["way"]) ?? .single,
      first: first.map(Timestamp.init(milliseconds:)), last: last.map(Timestamp.init(milliseconds:)),
      count: row["least"], atMost: row["most"])
  }
}
