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
  private let rules: HouseRules
  private let reads: Set<AuditedRead>
  private let settle: @Sendable () throws(JournalFailure) -> Void
  /// Readings on record, and until when they are not written down again.
  private var recorded: [String: ContinuousClock.Instant] = [:]
  private var openReading: ReadingStore?
  private var openAsking: AskingStore?

  /// How long a request waits for its answer, and between two looks.
  private static let patience = Duration.seconds(10)
  private static let pause = Duration.milliseconds(10)
  /// Who reads the same again and again is on record once in so long, so that reading does not fill the log.
  private static let repose = Duration.seconds(60)

  /// - Parameters:
  ///   - rules: those of whoever drives the store, for what is asked beforehand.
  ///   - reads: which ways to read the log are written down.
  ///   - settle: brings what is served up to date with the store.
  init(
    _ access: StoreAccess, rules: HouseRules, reads: Set<AuditedRead> = [],
    settle: @escaping @Sendable () throws(JournalFailure) -> Void
  ) {
    self.access = access
    self.rules = rules
    self.reads = reads
    self.settle = settle
  }

  func flags(in environment: String) throws -> [FlagSummary] {
    try reading { store throws(JournalFailure) in try store.flags(environment: environment) }
      .filter { !$0.revision.isArchived }.map { FlagSummary($0, withDefinition: false) }
  }

  func flag(_ name: FlagName) throws -> FlagSummary? {
    try reading { store throws(JournalFailure) in try store.flag(name) }.map { FlagSummary($0) }
  }

  func history(of name: FlagName, for caller: Principal, origin: String) async throws -> [FlagSummary] {
    try await note(.history, "flag \(name)", by: caller, origin)
    let past = try reading { store throws(JournalFailure) in try store.history(of: name) }
    if past.elsewhere.isEmpty { return past.revisions.map { FlagSummary($0) } }
    let numbers = past.elsewhere.map { "\($0)" }.joined(separator: ", ")
    throw Problem(
      .unavailable, "of \(name), the revisions \(numbers) lie in an archive that is not at hand",
      mend: "name its folder in headgate.yaml: `audit: { archive: { folder: … } }`", retryAfter: nil)
  }

  /// Takes down that somebody reads, before he gets anything.
  private func note(_ read: AuditedRead, _ filter: String, by caller: Principal, _ origin: String) async throws {
    let key = "\(caller) \(read.rawValue) \(filter)"
    guard reads.contains(read), recorded[key].map({ $0 < .now }) ?? true else { return }
    let through = try reading { store throws(JournalFailure) in try store.head().sequence }
    _ = try await answer(
      to: .audit(.read(AuditReading(verb: read.rawValue, filter: filter, through: through))), by: caller, origin, nil)
    recorded = recorded.filter { $0.value > .now }
    recorded[key] = .now + Self.repose
  }

  func proposals(all: Bool) throws -> [ProposalSummary] {
    try reading { store throws(JournalFailure) in try store.proposals(all: all) }.map { ProposalSummary($0) }
  }

  func proposal(_ number: Int64) throws -> ProposalSummary? {
    try reading { store throws(JournalFailure) in try store.proposal(number) }.map { ProposalSummary($0) }
  }

  func ask(_ act: FlagAct, by caller: Principal, origin: String, reason: String?) async throws -> FlagAnswer {
    let answer = try told(await answer(to: .flag(act), by: caller, origin, reason), act)
    // The change is made, whether or not it can be looked at just now; the server goes on trying.
    try? settle()
    return answer
  }

  func preview(_ act: FlagAct, by caller: Principal, reason: String?) throws -> FlagPreview {
    let foresight = FlagForesight(
      store: try reading { $0 }, rules: rules, lastUse: EvaluationStore.lastUses(besides: access.path, rules))
    do {
      let (ledger, facts) = try foresight.decide(act, by: caller, reason)
      return FlagPreview(ledger, facts)
    } catch let refusal as Refusal {
      throw Problem(refused: refusal.description)
    } catch {
      throw Problem(.unavailable, "\(error)", retryAfter: 5)
    }
  }

  private func answer(
    to ask: Request.Ask, by caller: Principal, _ origin: String, _ reason: String?
  ) async throws -> Batch.Answered {
    let request = Request(time: .wall, actor: caller, origin: origin, reason: reason, ask: ask)
    let number = try asking { store throws(JournalFailure) in try store.make(request) }
    let deadline = ContinuousClock.now + Self.patience
    while ContinuousClock.now < deadline {
      if let answer = try asking({ store throws(JournalFailure) in try store.answer(to: number) }) { return answer }
      try await Task.sleep(for: Self.pause)
    }
    throw Problem(
      .unavailable, "nobody has answered yet; the request stays in the store, and is done when somebody drives it",
      mend: "look at the flag again before you ask once more", retryAfter: 5)
  }

  private func told(_ answer: Batch.Answered, _ act: FlagAct) throws -> FlagAnswer {
    if let refusal = answer.refusal { throw Problem(refused: refusal) }
    guard let last = answer.entry else {
      return FlagAnswer(revisions: try act.wishes.compactMap { try flag($0.name) }, proposals: [], movers: [])
    }
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
      let store = try Store.openForReading(access.path, following: true, archive: access.past.folder)
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
