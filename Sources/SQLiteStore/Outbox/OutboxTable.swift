/// The table of notices that wait, were sent, or were given up.
///
/// A row is written in the transaction of the entry that causes it. `notice` is JSON. A key occurs once for a notifier,
/// so nothing is put in twice.
enum OutboxTable {
  static let schema = """
    CREATE TABLE outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      notifier TEXT NOT NULL,
      key TEXT NOT NULL,
      thread TEXT NOT NULL,
      notice TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
      tries INTEGER NOT NULL,
      due INTEGER NOT NULL,
      failure TEXT,
      settled INTEGER,
      UNIQUE (notifier, key)
    ) STRICT;
    CREATE INDEX outbox_waiting ON outbox (notifier, thread, id) WHERE state = 'waiting';
    CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead';
    """

  static let add = """
    INSERT OR IGNORE INTO outbox (notifier, key, thread, notice, state, tries, due)
    VALUES (?, ?, ?, ?, 'waiting', 0, ?)
    """

  /// Of those for one notifier about one run, the oldest.
  static let due = """
    SELECT * FROM outbox WHERE id IN
      (SELECT min(id) FROM outbox WHERE state = 'waiting' GROUP BY notifier, thread)
    AND due <= ? ORDER BY id LIMIT ?
    """
}
