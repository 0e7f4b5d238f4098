package import Engine
package import PipelineModel

/// What an audit of a journal came to.
package struct AuditReport: Hashable, Sendable {
  /// The store's random name.
  package var store: String
  /// Number of the last entry.
  package var entries: Int64
  /// Hash of the last entry, in hexadecimal: kept elsewhere, it proves later that nothing before it was changed.
  package var head: String
  /// The entries up to here lie in an archive; 0: none do.
  package var archived: Int64 = 0
  /// Whether those were looked at too.
  package var archiveWasRead = false
  /// What came of the checkpoints, those given and those that the journal has; `nil`: none were looked at.
  package var checkpoints: CheckpointTally?
  /// The first thing that is not as it was written; `nil`: all is.
  package var finding: AuditFinding?

  package var isWhole: Bool { finding == nil }
}

/// What came of holding a journal against checkpoints.
package struct CheckpointTally: Hashable, Sendable {
  /// The journal is what was signed for.
  package var hold = 0
  /// Of those, how many have a signature that was checked.
  package var signed = 0
  /// They are of entries that lie in an archive that was not looked at.
  package var tooOld = 0
  /// The largest that holds and whose signature was checked; 0: none does.
  package var provenThrough: Int64 = 0
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
    /// The journal is right, and a table of time lines or incidents does not agree with it.
    case timeline(String, what: String)
    /// An entry is to have the words of one that lies in an archive, and they are others, or nobody finds them.
    case carried(of: Int64, what: String)
    /// The journal is right, and is that of another store, or of one for something else.
    case identity(StoreIdentity, found: StoreIdentity)
    /// The journal is right, and the table of definitions does not agree with it.
    case definitions(what: String)
    /// The journal is right, and the store's tables or triggers are not those that Headgate makes.
    case shape(what: String)
    /// The journal can be read to its end, and something else of the file cannot.
    case damaged(String)
    /// The journal is right, and the pipeline that is kept beside this definition is not what its text says.
    case keptPipeline
    /// The table of subtrees does not have the hash of the entries from there to here.
    case subtree(from: Int64)
    /// What somebody signed for is not what the journal has; up to entry `holds` it is.
    case signedFor(place: String, holds: Int64)
    /// Somebody signed for so many entries, and the journal ends before.
    case cutOffBefore(checkpoint: Int64, place: String, last: Int64)
    /// A checkpoint that cannot be used: its signature is wrong, or it is of another log.
    case checkpoint(place: String, what: String)
    /// What the store says of its archives is not what the journal says, or not what they hold.
    case archive(what: String)
    /// The database cannot be read here.
    case unreadable(String)
    /// Not even the beginning of the database can be read.
    case sealedOff(String)
  }

  init(_ sequence: Int64, _ kind: Kind) {
    self.sequence = sequence
    self.kind = kind
  }

  /// The entry that is bad, or missing; `nil` where every entry holds, and something else of the store does not, or where
  /// none can be read.
  package var badEntry: Int64? {
    switch kind {
    case .readModel, .targets, .flags, .timeline, .definitions, .shape, .damaged, .subtree, .headMissing, .checkpoint,
      .archive, .sealedOff:
      nil
    case .hashDiffers, .missing, .misplaced, .notCanonical, .timeRunsBack, .cutOff, .beyondHead, .headDiffers, .carried,
      .identity, .keptPipeline, .signedFor, .cutOffBefore, .unreadable:
      sequence
    }
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
    case .timeline(let subject, let what): "\(subject): the table does not agree with the journal: \(what)"
    case .identity(let journal, let store):
      "entry \(sequence) was written in the \(journal.purpose) store \(journal.name), and this is the \(store.purpose) "
        + "store \(store.name)"
    case .definitions(let what): "the table of definitions does not agree with the journal: \(what)"
    case .shape(let what): "the store is not made as Headgate makes it: \(what)"
    case .damaged(let why): "the journal can be read to entry \(sequence), and the rest of the file is damaged: \(why)"
    case .sealedOff(let why):
      "no entry can be read: a page that leads to them is damaged, or missing at the end of the file: \(why)"
    case .carried(let original, let what):
      "entry \(sequence) is to carry entry \(original) forward out of an archive: \(what)"
    case .keptPipeline: "entry \(sequence): the pipeline that is kept beside it is not what its text says"
    case .subtree(let from):
      "entries \(from) to \(sequence): the table of subtrees does not have their hash, so proofs made from it fail"
    case .signedFor(let place, let holds):
      holds + 1 >= sequence
        ? "entry \(sequence) is not what was signed for (\(place))"
        : "something from entry \(holds + 1) to \(sequence) is not what was signed for (\(place)), though every link holds: "
          + "the journal was written anew"
    case .cutOffBefore(let size, let place, let last):
      "entry \(sequence) is missing: \(size) entries were signed for (\(place)), the journal ends at \(last)"
    case .checkpoint(let place, let what): "\(place): \(what)"
    case .archive(let what): what
    case .unreadable(let why): "entry \(sequence) cannot be read: \(why)"
    }
  }
}
