/// Where the journal has what is known of flags. Each row names an entry, and the entry says it all: so there is little
/// that somebody could change unseen.
enum FlagTables {
  /// `flags` has the head of each flag, `flag_revisions` every revision of it, `flag_proposals` the newest entry of each
  /// proposal and whether something can still become of it. `requests` names the first of the entries that a request
  /// led to, beside the last.
  static let schema = """
    CREATE TABLE flags (
      environment TEXT NOT NULL,
      key TEXT NOT NULL,
      number INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      PRIMARY KEY (environment, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX flags_by_change ON flags (seq);
    CREATE TABLE flag_revisions (
      environment TEXT NOT NULL,
      key TEXT NOT NULL,
      number INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      time INTEGER NOT NULL,
      PRIMARY KEY (environment, key, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE flag_proposals (
      id INTEGER PRIMARY KEY,
      environment TEXT NOT NULL,
      key TEXT NOT NULL,
      seq INTEGER NOT NULL,
      pending INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX flag_proposals_pending ON flag_proposals (id) WHERE pending = 1;
    ALTER TABLE requests ADD COLUMN first_entry INTEGER;
    """
}
