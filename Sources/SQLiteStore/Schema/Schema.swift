import GRDB

/// The tables, and how files of earlier versions become files of this one.
///
/// `journal` is the truth; it holds the canonical bytes of each entry and the hash that chains it to the one before, and
/// nothing else, so that there is nothing beside the bytes that somebody could change unseen. All other tables but
/// `requests`, `health` and `outbox` can be made again from it.
enum Schema {
  /// Marks the file as ours: `HGAT` in ASCII, kept in the file's header.
  static let applicationID: Int32 = 0x4847_4154

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
    migrator.registerMigration("1 journal and read models") { db in
      try db.execute(sql: journal)
      try db.execute(sql: readModels)
      try db.execute(sql: requests)
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      try db.execute(sql: "INSERT INTO store VALUES (1, lower(hex(randomblob(8))), 'real')")
      try db.execute(sql: "INSERT INTO head VALUES (1, 0, zeroblob(32), 0)")
    }
    migrator.registerMigration("2 health of backends") { db in try db.execute(sql: health) }
    migrator.registerMigration("3 outbox") { db in try db.execute(sql: OutboxTable.schema) }
    migrator.registerMigration("4 time line and incidents") { db in
      try db.execute(sql: timeline)
      try db.execute(sql: "ALTER TABLE requests ADD COLUMN entry INTEGER")
      try findMoments(db)
    }
    migrator.registerMigration("5 flags") { db in try db.execute(sql: FlagTables.schema) }
    migrator.registerMigration("6 forms of pipelines") { db in try db.execute(sql: KeptPipelines.schema) }
    migrator.registerMigration("7 spent budgets of targets") { db in
      try db.execute(sql: "ALTER TABLE targets ADD COLUMN spent TEXT NOT NULL DEFAULT '[]'")
    }
    migrator.registerMigration("8 head beside the newest runs") { db in try db.execute(sql: headAmongProgress) }
    migrator.registerMigration("9 proofs and archives") { db in try db.execute(sql: AuditTables.schema) }
    migrator.registerMigration("10 moments by service alone") { db in
      try db.execute(sql: "DROP INDEX moments_in_order")
    }
    migrator.registerMigration("11 carried entries, moments of today") { db in
      try db.execute(sql: AuditTables.carried)
      try findMoments(db)
    }
    migrator.registerMigration("12 freezes") { db in try db.execute(sql: FreezeTable.schema) }
    migrator.registerMigration("13 moments of runs later") { db in try db.execute(sql: momentsThrough) }
    return migrator
  }

  /// `head` is written with every batch: a journal whose tail was cut off ends before it.
  private static let journal = """
    CREATE TABLE store (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      id TEXT NOT NULL,
      purpose TEXT NOT NULL CHECK (purpose IN ('real', 'rehearsal'))
    ) STRICT;
    CREATE TABLE head (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      seq INTEGER NOT NULL,
      hash BLOB NOT NULL,
      epoch INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE journal (
      seq INTEGER PRIMARY KEY,
      entry TEXT NOT NULL,
      hash BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER journal_never_changes BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only: an entry cannot be changed'); END;
    CREATE TRIGGER journal_never_shrinks BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only: an entry cannot be removed'); END;
    """

  /// `runs` is what never changes of a run and has the indices; `progress` is what each step changes and has none but
  /// the list of runs in flight, which a step does not touch.
  private static let readModels = """
    CREATE TABLE runs (
      id INTEGER PRIMARY KEY,
      pipeline TEXT NOT NULL,
      service TEXT NOT NULL,
      environment TEXT NOT NULL,
      version TEXT NOT NULL,
      stable TEXT,
      started_by TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      first INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX runs_of_a_service ON runs (service, environment, started_at);
    CREATE INDEX runs_by_start ON runs (started_at);
    CREATE TABLE progress (
      run INTEGER PRIMARY KEY,
      status TEXT NOT NULL,
      stage TEXT,
      weight INTEGER NOT NULL,
      last INTEGER NOT NULL,
      ended_at INTEGER
    ) STRICT;
    CREATE INDEX runs_in_flight ON progress (run) WHERE ended_at IS NULL;
    CREATE TABLE targets (
      service TEXT NOT NULL,
      environment TEXT NOT NULL,
      stable TEXT NOT NULL,
      reverted TEXT NOT NULL,
      live TEXT NOT NULL,
      PRIMARY KEY (service, environment)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE definitions (
      digest BLOB PRIMARY KEY,
      seq INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """

  /// The key of the head among `progress`: after every run.
  static let headKey = Int64.max

  /// The head moves with every step of a run, and so does the run's progress. As the last row of one table they stand on
  /// one page with the newest runs, and a step alone writes two pages and not three.
  private static let headAmongProgress = """
    ALTER TABLE progress ADD COLUMN hash BLOB;
    ALTER TABLE progress ADD COLUMN epoch INTEGER;
    INSERT INTO progress (run, status, weight, last, ended_at, hash, epoch)
      SELECT \(headKey), 'head', 0, seq, 0, hash, epoch FROM head;
    DROP TABLE head;
    CREATE VIEW head AS SELECT last AS seq, hash, epoch FROM progress WHERE run = \(headKey);
    CREATE TRIGGER head_moves INSTEAD OF UPDATE ON head
    BEGIN UPDATE progress SET last = NEW.seq, hash = NEW.hash, epoch = NEW.epoch WHERE run = \(headKey); END;
    CREATE TRIGGER head_goes INSTEAD OF DELETE ON head
    BEGIN DELETE FROM progress WHERE run = \(headKey); END;
    """

  /// `answered` is where the journal's head stood when the answer was given.
  private static let requests = """
    CREATE TABLE requests (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      time INTEGER NOT NULL,
      actor TEXT NOT NULL,
      origin TEXT NOT NULL,
      reason TEXT,
      kind TEXT NOT NULL,
      payload TEXT NOT NULL,
      answered INTEGER,
      run INTEGER,
      refusal TEXT
    ) STRICT;
    CREATE INDEX requests_open ON requests (id) WHERE answered IS NULL;
    """

  /// Backends that are not simply asked, as the driver saw them last. Emptied whenever a driver opens the store.
  private static let health = """
    CREATE TABLE health (
      port TEXT NOT NULL,
      name TEXT NOT NULL,
      state TEXT NOT NULL,
      since INTEGER NOT NULL,
      until INTEGER,
      reason TEXT,
      PRIMARY KEY (port, name)
    ) STRICT, WITHOUT ROWID;
    """
}
