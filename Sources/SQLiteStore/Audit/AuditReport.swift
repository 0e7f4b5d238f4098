package import PipelineModel

/// What an audit of a journal came to.
package struct AuditReport: Hashable, Sendable {
  /// The store's random name.
  package var store: String
  /// Number of the last entry.
  package var entries: Int64
  /// Hash of the last entry, in hexadecimal: kept elsewhere, it proves later that nothing before it was changed.
  package var head: String
  /// The first thing that is not as it was written; `nil`: all is.
  package var finding: AuditFinding?

  package var isWhole: Bool { finding == nil }
}

/// The first bad entry of a journal, and what is wrong with it.
package struct AuditFinding: Hashable, Sendable {
  /// Number of the entry, or of the one that should be there.
  package var sequence: Int64
  package var kind: Kind

  package enum Kind: Hashable, Sendable {
    /// The bytes, the hash, or the hash before it were changed.
    case hashDiffers
    /// Dropped, while later ones are there.
    case missing
    /// An entry stands here that says it is another: swapped, renumbered, or put in.
    case misplaced(holds: Int64)
    /// Its hash is right, its bytes are no entry as Headgate writes them.
    case notCanonical(offset: Int)
    case timeRunsBack
    /// The end was dropped.
    case cutOff(head: Int64, last: Int64)
    /// Entries were added behind the store's back.
    case beyondHead(head: Int64)
    case headMissing, headDiffers
    /// The journal is right, and the table of runs does not agree with it about the run that has this entry.
    case readModel(RunID, what: String)
    /// The journal is right, and the table of targets does not agree with it.
    case targets(Target, what: String)
    /// The journal is right, and a table of flags does not agree with it.
    case flags(String, what: String)
    /// The journal is right, and the pipeline that is kept beside this definition is not what its text says.
    case keptPipeline
    /// The database cannot be read here.
    case unreadable(String)
  }

  init(_ sequence: Int64, _ kind: Kind) {
    self.sequence = sequence
    self.kind = kind
  }
}

extension AuditFinding: CustomStringConvertible {
  package var description: String {
    switch kind {
    case .hashDiffers: "entry \(sequence): its hash does not match its bytes and the hash before it"
    case .missing: "entry \(sequence) is missing: it was dropped"
    case .misplaced(let holds): "entry \(sequence): the bytes in its place are those of entry \(holds)"
    case .notCanonical(let offset):
      "entry \(sequence): its bytes are not as Headgate writes them, from offset \(offset)"
    case .timeRunsBack: "entry \(sequence): it is earlier than the entry before it"
    case .cutOff(let head, let last):
      "entry \(sequence) is missing: the head says \(head) entries, the journal ends at \(last)"
    case .beyondHead(let head): "entry \(sequence) was added behind the store's back: the head says \(head) entries"
    case .headMissing: "the head row is missing; the journal ends at entry \(sequence)"
    case .headDiffers: "entry \(sequence) is the last, and the head row has another hash for it"
    case .readModel(let run, let what): "run \(run): the table of runs does not agree with the journal: \(what)"
    case .targets(let target, let what): "\(target): the table of targets does not agree with the journal: \(what)"
    case .flags(let subject, let what): "\(subject): the tables of flags do not agree with the journal: \(what)"
    case .keptPipeline: "entry \(sequence): the pipeline that is kept beside it is not what its text says"
    case .unreadable(let why): "entry \(sequence) cannot be read: \(why)"
    }
  }
}
