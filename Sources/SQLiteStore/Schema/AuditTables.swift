/// What proofs are made from, and what lies in archives.
///
/// `subtrees` has the hashes of complete subtrees of 256 entries and more; with at most 255 entries at the end it gives the
/// tree over all. `checkpoints` repeats those that the journal has, also of entries that lie in an archive. Both can be made again
/// from the journal and its archive. `segments` repeats what the entries say that took older ones out; `carried` says which
/// entry has the words of one that lies in an archive and is still needed.
enum AuditTables {
  static let carried = """
    CREATE TABLE carried (
      original INTEGER PRIMARY KEY,
      seq INTEGER NOT NULL
    ) STRICT;
    """

  static let schema = """
    CREATE TABLE subtrees (
      level INTEGER NOT NULL,
      position INTEGER NOT NULL,
      hash BLOB NOT NULL,
      PRIMARY KEY (level, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE checkpoints (
      size INTEGER PRIMARY KEY,
      seq INTEGER NOT NULL,
      note TEXT NOT NULL
    ) STRICT;
    CREATE TABLE segments (
      first INTEGER PRIMARY KEY,
      last INTEGER NOT NULL,
      before TEXT NOT NULL,
      after TEXT NOT NULL,
      root TEXT NOT NULL,
      file TEXT NOT NULL,
      seq INTEGER NOT NULL
    ) STRICT;
    DROP TRIGGER journal_never_shrinks;
    CREATE TRIGGER journal_never_shrinks BEFORE DELETE ON journal
    WHEN OLD.seq > (SELECT coalesce(max(last), 0) FROM segments)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only: an entry cannot be removed'); END;
    """
}
