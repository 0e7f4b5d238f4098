import ControlAPI
import ControlServer
import Controller
import Engine
import Foundation
import PipelineModel
import SQLiteStore

/// The flags of a store, looked at and changed by request. One at a time: each call takes the store for a moment only.
actor StoreFlagOffice: FlagOffice {
  private let access: StoreAccess
  private var openReading: ReadingStore?
  private var openAsking: AskingStore?

  /// How long a request waits for its answer, and between two looks.
  private static let patience = Duration.seconds(10)
  private static let pause = Duration.milliseconds(10)

  init(_ access: StoreAccess) { self.access = access }

  func flags(in environment: String) throws -> [FlagSummary] {
    try reading { store throws(JournalFailure) in try store.flags(environment: environment) }
      .filter { !$0.revision.isArchived }.map { FlagSummary($0, withDefinition: false) }
  }

  func flag(_ name: FlagName) throws -> FlagSummary? {
    try reading { store throws(JournalFailure) in try store.flag(name) }.map { FlagSummary($0) }
  }

  func history(of name: FlagName) throws -> [FlagSummary] {
    try reading { store throws(JournalFailure) in try store.history(of: name) }.map { FlagSummary($0) }
  }

  func proposals(all: Bool) throws -> [ProposalSummary] {
    try reading { store throws(JournalFailure) in try store.proposals(all: all) }.map { ProposalSummary($0) }
  }

  func ask(_ act: FlagAct, by caller: Principal, origin: String, reason: String?) async throws -> FlagAnswer {
    let request = Request(time: .wall, actor: caller, origin: origin, reason: reason, ask: .flag(act))
    let number = try asking { store throws(JournalFailure) in try store.make(request) }
    let deadline = ContinuousClock.now + Self.patience
    while ContinuousClock.now < deadline {
      if let answer = try asking({ store throws(JournalFailure) in try store.answer(to: number) }) {
        return try told(answer)
      }
      try await Task.sleep(for: Self.pause)
    }
    throw Problem(
      .unavailable, "nobody has answered yet; the request stays in the store, and is done when somebody drives it",
      mend: "look at the flag again before you ask once more", retryAfter: 5)
  }

  private func told(_ answer: Batch.Answered) throws -> FlagAnswer {
    if let refusal = answer.refusal { throw Problem(.conflict, refusal) }
    guard let last = answer.entry else { return FlagAnswer(revisions: [], proposals: [], movers: []) }
    let first = min(answer.firstEntry ?? last, last)
    let entries = try reading { store throws(JournalFailure) -> [Entry] in
      var entries: [Entry] = []
      for sequence in first...last { if let entry = try store.entry(sequence) { entries.append(entry) } }
      return entries
    }
    return FlagAnswer(
      revisions: entries.compactMap { RecordedRevision($0) }.map { FlagSummary($0) },
      proposals: entries.compactMap { entry in
        if case .flag(.proposal(let proposal)) = entry.fact { ProposalSummary(proposal) } else { nil }
      }, movers: [])
  }

  // MARK: The store

  private func reading<T>(_ body: (ReadingStore) throws(JournalFailure) -> T) throws -> T {
    try explained { () throws(JournalFailure) -> T in
      if let store = openReading { return try body(store) }
      let store = try Store.openForReading(access.path, following: true)
      openReading = store
      return try body(store)
    }
  }

  private func asking<T>(_ body: (AskingStore) throws(JournalFailure) -> T) throws -> T {
    try explained { () throws(JournalFailure) -> T in
      if let store = openAsking { return try body(store) }
      let store = try Store.openForAsking(access.path)
      openAsking = store
      return try body(store)
    }
  }

  private func explained<T>(_ body: () throws(JournalFailure) -> T) throws -> T {
    do {
      return try body()
    } catch {
      openReading = nil
      openAsking = nil
      throw Problem(.unavailable, error.description, retryAfter: 5)
    }
  }
}
