import Engine
import GRDB
import PipelineModel

/// The facts of the runs in flight, for a controller that takes up its work again.
///
/// Where much of the journal between the first and the last of them is theirs, one pass over it is cheapest; otherwise
/// the links of each are walked. The time it takes grows with these facts alone, memory with the runs.
struct UnfinishedRuns {
  private struct Span {
    var run: RunID
    var first: Int64
    var last: Int64
    /// The last that was passed.
    var seen: Int64 = 0
  }

  private let db: Database
  private let runs: [Span]

  /// Looking up an entry by its number costs as much as passing over this many.
  private static let costOfLookUp = 4.0

  init(_ db: Database) throws {
    self.db = db
    let rows = try Prepared(
      db,
      """
      SELECT progress.run, runs.first, progress.last FROM progress JOIN runs ON runs.id = progress.run
      WHERE progress.ended_at IS NULL ORDER BY progress.run
      """)
    var runs: [Span] = []
    while try rows.step() {
      runs.append(Span(run: RunID(rows.integer(0)), first: rows.integer(1), last: rows.integer(2)))
    }
    self.runs = runs
  }

  func forEach(_ visit: (Int, RunFact) throws -> Void) throws {
    guard let first = runs.map(\.first).min(), let last = runs.map(\.last).max(), first <= last else { return }
    if try share(in: first...last) * Self.costOfLookUp < 1 {
      try walk(visit)
    } else {
      try scan(first...last, visit)
    }
  }

  /// What part of the entries in `range` belongs to these runs, from a sample of them.
  private func share(in range: ClosedRange<Int64>) throws -> Double {
    let wanted = Set(runs.map(\.run))
    let step = max(1, (range.upperBound - range.lowerBound) / 256)
    var (hits, looks) = (0, 0)
    for sequence in stride(from: range.lowerBound, through: range.upperBound, by: Int64.Stride(step)) {
      looks += 1
      if let run = try db.entry(sequence)?.run, wanted.contains(run) { hits += 1 }
    }
    return Double(hits) / Double(looks)
  }

  private func walk(_ visit: (Int, RunFact) throws -> Void) throws {
    for (place, span) in runs.enumerated() {
      let facts = try db.entries(of: span.run, endingAt: span.last).compactMap { RunFact($0) }
      for fact in facts { try visit(place, fact) }
    }
  }

  private func scan(_ range: ClosedRange<Int64>, _ visit: (Int, RunFact) throws -> Void) throws {
    var spans = runs
    let places = Places(runs.map(\.run))
    let rows = try Prepared(db, "SELECT seq, entry FROM journal WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq")
    rows.bind(1, range.lowerBound)
    rows.bind(2, range.upperBound)
    var measurements = MeasurementReader()
    while try rows.step() {
      let (sequence, bytes) = (rows.integer(0), rows.bytes(1))
      let measurement = measurements.read(bytes)
      guard let header = measurement?.header ?? EntryHeader(canonical: bytes), let run = header.run,
        let place = places[run]
      else { continue }
      guard header.sequence == sequence, header.previous == spans[place].seen else { throw damaged(sequence) }
      spans[place].seen = sequence
      let fact = try measurement.map { RunFact($0, of: run) } ?? RunFact(Entry(stored: bytes, at: sequence), of: run)
      try visit(place, fact)
    }
    for span in spans where span.seen != span.last { throw damaged(span.last) }
  }
}

/// Where each of some runs stands among them. Runs in flight were mostly started one after the other, so a list by
/// their numbers is short, and quicker than hashing.
private struct Places {
  private let first: Int64
  private var list: [Int32] = []
  private var others: [RunID: Int] = [:]

  /// In order.
  init(_ runs: [RunID]) {
    first = runs.first?.number ?? 0
    let listed = runs.prefix { $0.number - first < Int64(runs.count) * 8 }
    list = Array(repeating: -1, count: Int((listed.last?.number ?? first) - first) + 1)
    for (place, run) in runs.enumerated() {
      if place < listed.count { list[Int(run.number - first)] = Int32(place) } else { others[run] = place }
    }
  }

  subscript(_ run: RunID) -> Int? {
    let offset = run.number &- first
    guard offset >= 0, offset < list.count else { return others[run] }
    return list[Int(offset)] < 0 ? nil : Int(list[Int(offset)])
  }
}
