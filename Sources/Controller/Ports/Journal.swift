package import Engine
package import PipelineModel

/// Where facts become durable. Declared here because the controller needs it; a store implements it.
///
/// Called from the controller's one thread, and blocking: nothing is to happen between a fact and its being durable.
package protocol Journal: AnyObject {
  /// What the journal held when it was opened for driving.
  var head: JournalHead { get }

  /// Writes entries, read models, answers and notices in one transaction.
  ///
  /// True on return: all of it survives a power cut. On a throw nothing of it was written, and the journal is as
  /// before; the same batch may be given again. `entries` continue the sequence without a gap.
  func append(_ batch: Batch) throws(JournalFailure)

  /// Every fact of every run that has not ended: those of one run in order and without a gap, from its first to its
  /// last; runs one after the other or in turns. Beside it the run's place among them, counted from 0.
  func unfinished(_ visit: (Int, RunFact) throws -> Void) throws

  /// All entries of one run, in order; empty for a run that does not exist.
  func entries(of run: RunID) throws -> [Entry]

  /// One entry by its sequence number.
  func entry(_ sequence: Int64) throws -> Entry?

  /// Sequence number of the entry that defined this very text; `nil`: none has yet.
  func definition(of text: String) throws -> Int64?

  /// The pipeline of a definition, as a compiler of that edition made it; `nil`: none is kept, and the text is to be
  /// compiled.
  func pipeline(definedBy definition: Int64, edition: String) throws -> Pipeline?

  /// Keeps pipelines beside their definitions, in place of those of other editions. A store that has no place for them
  /// may leave them.
  func keep(_ compiled: [CompiledPipeline]) throws(JournalFailure)

  /// What each target runs, and which versions were rolled back there, as the read models have it.
  func targets() throws -> [TargetRecord]

  /// The incidents that are open, and how many there have been.
  func incidents() throws -> IncidentLog

  /// What every flag is, and which changes of flags wait, as the journal has it.
  func flags() throws -> FlagRecords

  /// A revision of a flag, and when it came about; `nil`: there is none of that number.
  func flag(_ name: FlagName, revision: Int64) throws -> (revision: FlagRevision, time: Timestamp)?

  /// The freezes that hold or are to come, and how many there have been.
  func freezes() throws -> FreezeLog

  /// Requests of other processes that have no answer yet, in the order they were made.
  func requests() throws -> [Request]

  /// Why these entries cannot leave the journal now; `nil`: they can. They do with the entry that says so.
  func refusal(ofSealing segment: SealedSegment) throws -> Refusal?

  /// What is to be written once more before the entries up to `last` leave the journal: old entries that what is true now
  /// rests on.
  ///
  /// - Parameter besides: numbers of entries that are needed, and the journal does not know it yet.
  func entriesToCarry(through last: Int64, besides: Set<Int64>) throws -> [CarriedEntry]

  /// Keeps what changed of the backends' health, beside the journal, for whoever looks. Of no use to another driver.
  func note(_ health: [BackendHealth]) throws(JournalFailure)
}

extension Journal {
  package func note(_ health: [BackendHealth]) throws(JournalFailure) {}
  package func pipeline(definedBy definition: Int64, edition: String) throws -> Pipeline? { nil }
  package func keep(_ compiled: [CompiledPipeline]) throws(JournalFailure) {}

  package func refusal(ofSealing segment: SealedSegment) throws -> Refusal? {
    Refusal("this journal keeps all of its entries")
  }

  package func entriesToCarry(through last: Int64, besides: Set<Int64>) throws -> [CarriedEntry] { [] }
}

package struct JournalHead: Hashable, Sendable {
  /// Sequence number of the last entry; 0 for an empty journal.
  package var sequence: Int64
  /// Of the last entry; the epoch's beginning for an empty journal.
  package var time: Timestamp
  /// The highest run number; 0 for none.
  package var run: Int64
  /// How often the store was opened for driving, this time included.
  package var epoch: Int64
  /// Random, made with the store: the first part of every idempotency key.
  package var store: String
  /// What the store is for; `nil`: it is none that lasts.
  package var purpose: String?

  package init(
    sequence: Int64, time: Timestamp, run: Int64, epoch: Int64, store: String, purpose: String? = nil
  ) {
    self.sequence = sequence
    self.time = time
    self.run = run
    self.epoch = epoch
    self.store = store
    self.purpose = purpose
  }

  /// As the journal says it.
  package var identity: StoreIdentity? { purpose.map { StoreIdentity(name: store, purpose: $0) } }
}

package struct Batch: Sendable {
  package var entries: [Entry]
  /// Runs whose first entry is in this batch, as they are after their last one.
  package var begun: [RunRecord]
  /// Older runs that changed, each once, after its last entry in this batch.
  package var progress: [RunProgress]
  package var targets: [TargetRecord]
  package var answers: [Answered]
  /// To be delivered, because of these entries.
  package var notices: [AddressedNotice]
  /// Of the definitions among these entries.
  package var compiled: [CompiledPipeline]

  package init(
    entries: [Entry] = [], begun: [RunRecord] = [], progress: [RunProgress] = [], targets: [TargetRecord] = [],
    answers: [Answered] = [], notices: [AddressedNotice] = [], compiled: [CompiledPipeline] = []
  ) {
    self.entries = entries
    self.begun = begun
    self.progress = progress
    self.targets = targets
    self.answers = answers
    self.notices = notices
    self.compiled = compiled
  }

  /// What became of a request.
  package struct Answered: Hashable, Sendable {
    package var request: Int64
    /// The run it concerned or began.
    package var run: RunID?
    /// `nil`: done. Otherwise why not.
    package var refusal: String?
    /// Sequence number of the entry that says what came of it; of several, the last; `nil` where it led to none.
    package var entry: Int64?
    /// Of several, the first.
    package var firstEntry: Int64?
    package init(
      request: Int64, run: RunID?, refusal: String?, entry: Int64? = nil, firstEntry: Int64? = nil
    ) {
      self.request = request
      self.run = run
      self.refusal = refusal
      self.entry = entry
      self.firstEntry = firstEntry
    }
  }
}

package struct JournalFailure: Error, Hashable, CustomStringConvertible {
  package enum Kind: Hashable, Sendable {
    /// Worth trying again later: disk full, I/O error, locked.
    case unavailable
    /// Another controller drives it now.
    case held
    /// Another controller has taken the store over. This one must stop at once, and act no more.
    case fenced
    /// The file is not a journal, is damaged, or is of a newer version.
    case unusable
  }
  package var kind: Kind
  package var description: String
  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
