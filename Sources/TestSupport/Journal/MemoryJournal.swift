package import Controller
package import Engine
package import PipelineModel

/// A memory store as its one controller has it; the next one that opens it fences this one off.
package final class MemoryJournal: Journal {
  package let head: JournalHead
  private let store: MemoryStore

  package init(_ store: MemoryStore) throws {
    self.store = store
    let epoch = store.open()
    head = JournalHead(
      sequence: Int64(store.lines.count), time: try store.entries.last?.time ?? Timestamp(milliseconds: 0),
      run: store.runs.keys.map(\.number).max() ?? 0, epoch: epoch, store: "memory")
  }

  package func append(_ batch: Batch) throws(JournalFailure) {
    guard head.epoch == store.epoch, !store.hasCrashed else { throw JournalFailure(.fenced, "taken over") }
    try store.write(batch)
  }

  package func unfinished(_ visit: (Int, RunFact) throws -> Void) throws {
    let runs = store.runs.values.filter { $0.endedAt == nil }.map(\.id).sorted()
    for (place, run) in runs.enumerated() {
      for fact in try entries(of: run).compactMap({ RunFact($0) }) { try visit(place, fact) }
    }
  }

  /// By the links from the last entry to the first, as a store without an index reads them.
  package func entries(of run: RunID) throws -> [Entry] {
    var entries: [Entry] = []
    var sequence = store.runs[run]?.last ?? 0
    while sequence > 0 {
      let entry = try store.entry(sequence)
      precondition(entry.run == run && entry.previous < sequence, "entry \(sequence) is linked wrongly")
      entries.append(entry)
      sequence = entry.previous
    }
    return entries.reversed()
  }

  package func entry(_ sequence: Int64) throws -> Entry? {
    store.lines.indices.contains(Int(sequence) - 1) ? try store.entry(sequence) : nil
  }

  package func definition(of text: String) throws -> Int64? {
    try store.entries.first {
      if case .defined(_, _, let defined) = $0.fact { defined == text } else { false }
    }?.sequence
  }

  package func targets() throws -> [TargetRecord] {
    store.targets.values.sorted {
      ($0.target.service, $0.target.environment) < ($1.target.service, $1.target.environment)
    }
  }

  package func incidents() throws -> IncidentLog {
    try store.entries.reduce(into: IncidentLog()) { log, entry in
      if case .incident(let fact) = entry.fact { log.apply(fact) }
    }
  }

  package func flags() throws -> FlagRecords {
    var heads: [FlagName: FlagRevision] = [:]
    var proposals: [Int64: FlagProposal] = [:]
    for entry in try store.entries {
      switch entry.fact {
      case .flag(.revised(let revision)): heads[revision.name] = revision
      case .flag(.proposal(let proposal)): proposals[proposal.id] = proposal
      default: break
      }
    }
    return FlagRecords(
      heads: heads.values.sorted { $0.name < $1.name },
      pending: proposals.values.filter(\.isPending).sorted { $0.id < $1.id },
      lastProposal: proposals.keys.max() ?? 0)
  }

  package func flag(_ name: FlagName, revision: Int64) throws -> (revision: FlagRevision, time: Timestamp)? {
    for entry in try store.entries {
      if let found = entry.revision, found.name == name, found.number == revision { return (found, entry.time) }
    }
    return nil
  }

  package func freezes() throws -> FreezeLog {
    try store.entries.reduce(into: FreezeLog()) { log, entry in
      if case .freeze(let fact) = entry.fact { log.apply(fact) }
    }
  }

  package func requests() throws -> [Request] { store.openRequests }
}
