import Engine
import GRDB
import PipelineModel

/// The freezes of a store: each as it was declared, and how it came to its end.
///
/// `fact` is the fact that declared it, whole, so that what a controller goes by needs no entry that may lie in an archive.
struct FreezeTable {
  static let schema = """
    CREATE TABLE freezes (
      number INTEGER PRIMARY KEY,
      starts_at INTEGER NOT NULL,
      until INTEGER,
      fact TEXT NOT NULL,
      declared_at INTEGER NOT NULL,
      declared_by TEXT NOT NULL,
      declared_because TEXT,
      declared INTEGER NOT NULL,
      ended INTEGER,
      ended_at INTEGER,
      ended_by TEXT,
      ended_because TEXT
    ) STRICT;
    CREATE INDEX freezes_by_beginning ON freezes (starts_at);
    """

  let db: Database

  func put(_ fact: FreezeFact, _ entry: Entry) throws {
    switch fact {
    case .started(let freeze):
      try db.execute(
        sql: "INSERT INTO freezes VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL)",
        arguments: [
          freeze.number, freeze.from.milliseconds, freeze.until?.milliseconds, entry.fact.canonicalText,
          entry.time.milliseconds, entry.actor.description, entry.reason, entry.sequence,
        ])
    case .ended(let freeze):
      try db.execute(
        sql: "UPDATE freezes SET ended = ?, ended_at = ?, ended_by = ?, ended_because = ? WHERE number = ?",
        arguments: [
          entry.sequence, entry.time.milliseconds, entry.actor.description, entry.reason, freeze.number,
        ])
    case .met, .refused: break
    }
  }
}
