package import PipelineModel

/// What every flag is now, and which changes wait: decides what may be done to flags.
///
/// Pure, as the fleet is. `decide` gives facts, or throws a refusal, and changes nothing; a fold of the facts does.
package struct FlagLedger: Equatable, Sendable {
  private var heads: [FlagName: FlagRevision]
  /// Those of which something can still become.
  private var waiting: [Int64: FlagProposal]
  private(set) var lastProposal: Int64

  package init(_ records: FlagRecords = FlagRecords()) {
    heads = Dictionary(records.heads.map { ($0.name, $0) }) { $0.number > $1.number ? $0 : $1 }
    waiting = Dictionary(records.pending.map { ($0.id, $0) }) { _, last in last }
    lastProposal = records.lastProposal
  }

  package mutating func fold(_ fact: FlagFact) {
    switch fact {
    case .revised(let revision): heads[revision.name] = revision
    case .proposal(let proposal):
      lastProposal = max(lastProposal, proposal.id)
      waiting[proposal.id] = proposal.isPending ? proposal : nil
    case .refused, .stepRefused: break
    }
  }

  /// A flag as it is; `nil`: there never was one. It may be archived.
  package func head(_ name: FlagName) -> FlagRevision? { heads[name] }

  /// In the order of their names.
  package var flags: [FlagRevision] { heads.values.sorted { $0.name < $1.name } }

  package func proposal(_ id: Int64) -> FlagProposal? { waiting[id] }

  /// In the order they were made.
  package var pending: [FlagProposal] { waiting.values.sorted { $0.id < $1.id } }

  /// When something is to be done though nobody asks: see `due`.
  package var alarm: Timestamp? { waiting.values.compactMap(\.alarm).min() }

  /// Whether anything waits for the end of a freeze, which has no time of its own.
  package var isHeld: Bool { waiting.values.contains { if case .held = $0.state { true } else { false } } }

  /// What a person asks for, as what happens then.
  package func decide(_ act: FlagAct, in circumstances: FlagCircumstances) throws(Refusal) -> [FlagFact] {
    switch act {
    case .wish(let wish): return try decide(wish, circumstances)
    case .wishes(let wishes):
      var after = self
      var facts: [FlagFact] = []
      for wish in wishes {
        let more = try after.decide(wish, circumstances)
        for fact in more { after.fold(fact) }
        facts += more
      }
      return facts
    case .approve(let id, let hash): return try approve(try pending(id), hash, circumstances)
    case .reject(let id): return try reject(try pending(id), circumstances)
    case .amend(let id, let draft): return try amend(try pending(id), draft, circumstances)
    }
  }

  private func pending(_ id: Int64) throws(Refusal) -> FlagProposal {
    if let proposal = waiting[id] { return proposal }
    throw Refusal(
      id <= lastProposal && id > 0
        ? "proposal \(id) waits no more; `headgate flag proposals --all` says what became of it"
        : "there is no proposal \(id); see `headgate flag proposals`")
  }
}

/// What a ledger is restored from.
package struct FlagRecords: Hashable, Sendable {
  package var heads: [FlagRevision]
  package var pending: [FlagProposal]
  /// The highest number a proposal has had.
  package var lastProposal: Int64

  package init(heads: [FlagRevision] = [], pending: [FlagProposal] = [], lastProposal: Int64 = 0) {
    self.heads = heads
    self.pending = pending
    self.lastProposal = lastProposal
  }
}

extension FlagProposal {
  /// When something is to become of it though nobody asks.
  var alarm: Timestamp? {
    switch state {
    case .open: expires
    case .scheduled: due
    case .held, .applied, .brokeGlass, .reviewed, .rejected, .expired, .void: nil
    }
  }
}
