package import Controller
package import Flags
import GRDB
package import PipelineModel

extension EvaluationStore {
  /// Adds a tally in one transaction: all of it is there on return, or nothing when it throws.
  package func add(_ tally: EvaluationTally, at now: Timestamp) throws(JournalFailure) {
    try write { db in
      try add(tally.answers, db)
      if subjects != .none { try add(tally.exposures, db) }
      try add(tally.documents, db)
      guard tally.lostAnswers + tally.lostExposures > 0 else { return }
      try db.execute(
        sql: """
          INSERT INTO losses VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET
            evaluations = evaluations + excluded.evaluations, exposures = exposures + excluded.exposures
          """,
        arguments: [Self.hour(of: now), tally.lostAnswers, tally.lostExposures])
    }
  }

  private static let merging = """
    ON CONFLICT DO UPDATE SET
      first = min(first, excluded.first), last = max(last, excluded.last), count = count + excluded.count
    """

  /// In the order of the table, so that neighbours are written together.
  private func add(_ answers: [EvaluationTally.Answer: EvaluationTally.Occasions], _ db: Database) throws {
    let statement = try db.cachedStatement(
      sql: "INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) \(Self.merging)")
    for (answer, occasions) in answers.sorted(by: { $0.key.flag < $1.key.flag }) {
      try statement.execute(arguments: [
        answer.environment, answer.flag, Self.hour(of: occasions.first), answer.variant, answer.reason.rawValue,
        answer.way.rawValue, occasions.first.milliseconds, occasions.last.milliseconds, occasions.count,
      ])
    }
  }

  private func add(_ exposures: [EvaluationTally.Exposure: EvaluationTally.Occasions], _ db: Database) throws {
    let statement = try db.cachedStatement(
      sql: "INSERT INTO exposures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) \(Self.merging)")
    for (exposure, occasions) in exposures.sorted(by: { $0.key.flag < $1.key.flag }) {
      try statement.execute(arguments: [
        exposure.environment, exposure.flag, Self.hour(of: occasions.first), exposure.variant,
        stored(exposure.subject), exposure.way.rawValue, occasions.first.milliseconds, occasions.last.milliseconds,
        occasions.count,
      ])
    }
  }

  private func add(_ documents: [String: EvaluationTally.Occasions], _ db: Database) throws {
    for (environment, occasions) in documents.sorted(by: { $0.key < $1.key }) {
      try db.execute(
        sql: "INSERT INTO documents VALUES (?, ?, ?, ?, ?) \(Self.merging)",
        arguments: [
          environment, Self.hour(of: occasions.first), occasions.first.milliseconds, occasions.last.milliseconds,
          occasions.count,
        ])
    }
  }

  /// Forgets the hours that lie before an instant whole.
  package func forget(before instant: Timestamp) throws(JournalFailure) {
    let hour = Self.hour(of: instant)
    try write { db in
      for table in ["counts", "exposures", "losses", "documents"] {
        try db.execute(sql: "DELETE FROM \(table) WHERE hour < ?", arguments: [hour])
      }
    }
  }
}
