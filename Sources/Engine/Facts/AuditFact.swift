/// What happened to the journal itself: somebody signed for it, read of it, or moved old entries out of it.
package enum AuditFact: Hashable, Sendable {
  /// A checkpoint over the entries 1 to `size` was signed; the note as it was given out.
  case checkpointed(size: Int64, note: String)
  case read(AuditReading)
  case sealed(SealedSegment)
}

/// That somebody read the log. Written down before the first line is given out.
package struct AuditReading: Hashable, Sendable {
  /// `export`, `list`, `prove`.
  package var verb: String
  /// What was asked for, in the words of the command line; empty: everything.
  package var filter: String
  /// The last entry there was.
  package var through: Int64

  package init(verb: String, filter: String, through: Int64) {
    self.verb = verb
    self.filter = filter
    self.through = through
  }
}

/// Entries that lie in an archive now, and are not in the store any more.
package struct SealedSegment: Hashable, Sendable {
  package var first: Int64
  package var last: Int64
  /// The hash chain before the first entry and at the last, in hexadecimal.
  package var before: String
  package var after: String
  /// Root of the tree over the entries 1 to `last`, in hexadecimal.
  package var root: String
  /// Name of the file, without its folder.
  package var file: String

  package init(first: Int64, last: Int64, before: String, after: String, root: String, file: String) {
    self.first = first
    self.last = last
    self.before = before
    self.after = after
    self.root = root
    self.file = file
  }
}
