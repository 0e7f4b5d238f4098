/// What happened to the journal itself: somebody signed for it, read of it, or moved old entries out of it.
package enum AuditFact: Hashable, Sendable {
  /// A checkpoint over the entries 1 to `size` was signed; the note as it was given out.
  case checkpointed(size: Int64, note: String)
  case read(AuditReading)
  /// An entry about to leave the store that something true now still rests on. Always before the `sealed` that takes it
  /// out, in the same batch.
  case carried(CarriedEntry)
  case sealed(SealedSegment)
  /// Somebody asked for entries to be moved out, and may not. Changes nothing.
  case sealRefused(SealedSegment, because: String)
  /// Somebody asked for something, in the words of the command line, and was refused; and no other fact says so.
  case refused(asked: String, because: String)
}

/// An old entry word for word, so that it can still be read and proved where the entry itself has gone into an archive.
package struct CarriedEntry: Hashable, Sendable {
  /// Number of the old entry.
  package var original: Int64
  /// Its canonical bytes.
  package var text: String
  /// The hashes beside the way from the entry to the subtree of 256 entries it is in, the lowest first: eight times 64
  /// hexadecimal digits.
  package var path: String

  package init(original: Int64, text: String, path: String) {
    self.original = original
    self.text = text
    self.path = path
  }
}

/// That somebody read the log. Written down before the first line is given out.
package struct AuditReading: Hashable, Sendable {
  /// One of `AuditedRead`: `export`, `list`, `show` …
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
  /// They are younger than the policy lets go, and somebody who may do that did it with a reason.
  package var breaksGlass: Bool

  package init(
    first: Int64, last: Int64, before: String, after: String, root: String, file: String, breaksGlass: Bool = false
  ) {
    self.first = first
    self.last = last
    self.before = before
    self.after = after
    self.root = root
    self.file = file
    self.breaksGlass = breaksGlass
  }
}
