package import Controller
package import Engine
package import PipelineModel

/// What survives a controller: canonical bytes and read models, as given. Opened for driving by a `MemoryJournal`.
package final class MemoryStore {
  /// What goes wrong at an append.
  package enum Trouble: Hashable, Sendable {
    /// Nothing is written, and the writer is told.
    case refusal(JournalFailure.Kind)
    /// The process dies before the write, or after it and before it hears of it.
    case crash(written: Bool)
  }

  /// By the number of the append, the first being 1.
  package var troubles: [Int: Trouble] = [:]
  /// Appends tried, those that went wrong included.
  package private(set) var appends = 0
  /// Set by a crash; a new journal clears it.
  package internal(set) var hasCrashed = false

  /// Canonical bytes of each entry.
  package private(set) var lines: [[UInt8]] = []
  package private(set) var runs: [RunID: RunRecord] = [:]
  package private(set) var targets: [Target: TargetRecord] = [:]
  package private(set) var answers: [Int64: Batch.Answered] = [:]
  /// Where the journal stood when each answer was given.
  package private(set) var answeredAt: [Int64: Int64] = [:]
  /// Told of every batch that was written, before its writer is.
  var written: (Batch) -> Void = { _ in }
  private var asked: [Request] = []
  private(set) var epoch: Int64 = 0

  package init() {}

  /// Asks something of whoever drives. Returns the request's number.
  @discardableResult
  package func ask(_ ask: Request.Ask, by actor: Principal = .person("alice"), reason: String? = nil) -> Int64 {
    let id = Int64(asked.count + 1)
    asked.append(
      Request(id: id, time: Timestamp(milliseconds: 0), actor: actor, origin: "test", reason: reason, ask: ask))
    return id
  }

  package var openRequests: [Request] { asked.filter { answers[$0.id] == nil } }

  /// Every entry, decoded.
  package var entries: [Entry] {
    get throws { try lines.indices.map { try entry(Int64($0 + 1)) } }
  }

  package func entries(of run: RunID) throws -> [Entry] { try entries.filter { $0.run == run } }

  func entry(_ sequence: Int64) throws(DamagedEntry) -> Entry {
    try lines[Int(sequence) - 1].withUnsafeBufferPointer { bytes throws(DamagedEntry) in
      try Entry(canonical: bytes)
    }
  }

  /// Whether the next append will write nothing.
  package var losesNext: Bool {
    switch troubles[appends + 1] {
    case nil, .crash(written: true)?: false
    case .refusal?, .crash(written: false)?: true
    }
  }

  func open() -> Int64 {
    epoch += 1
    hasCrashed = false
    return epoch
  }

  func write(_ batch: Batch) throws(JournalFailure) {
    appends += 1
    let trouble = troubles[appends]
    if case .refusal(let kind)? = trouble { throw JournalFailure(kind, "refused as planned") }
    if trouble != .crash(written: false) {
      keep(batch)
      written(batch)
    }
    if case .crash? = trouble {
      hasCrashed = true
      throw JournalFailure(.unavailable, "the process is gone")
    }
  }

  private func keep(_ batch: Batch) {
    for entry in batch.entries {
      precondition(entry.sequence == Int64(lines.count + 1), "entry \(entry.sequence) follows entry \(lines.count)")
      var writer = JournalWriter()
      entry.write(to: &writer)
      lines.append(writer.bytes)
    }
    for run in batch.begun { runs[run.id] = run }
    for progress in batch.progress { runs[progress.run]?.progress = progress }
    for target in batch.targets { targets[target.target] = target }
    for answer in batch.answers {
      precondition(answers[answer.request] == nil, "request \(answer.request) is answered twice")
      answers[answer.request] = answer
      answeredAt[answer.request] = Int64(lines.count)
    }
  }
}
