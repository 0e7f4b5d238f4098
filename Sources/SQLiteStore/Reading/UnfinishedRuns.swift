import Engine
import GRDB
import PipelineModel

/// The runs in flight with all their entries, for a controller that takes up its work again.
///
/// Where most of the journal between the first entry and the last belongs to them, one pass over it is cheapest;
/// otherwise the links of each are walked. Memory is bounded by `mostAtOnce` entries, whatever the number of runs.
struct UnfinishedRuns {
  private struct Span {
    var run: RunID
    var first: Int64
    var last: Int64
  }

  private let db: Database
  private let runs: [Span]

  /// Entries held in memory at one time.
  private static let mostAtOnce = 400_000.0
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

  func forEach(_ visit: (RunID, [Entry]) throws -> Void) throws { try forEach(runs[...], visit) }

  private func forEach(_ part: ArraySlice<Span>, _ visit: (RunID, [Entry]) throws -> Void) throws {
    guard let first = part.map(\.first).min(), let last = part.map(\.last).max(), first <= last else { return }
    let share = try share(of: part, in: first...last)
    if share * Self.costOfLookUp < 1 {
      for span in part { try visit(span.run, db.entries(of: span.run, endingAt: span.last)) }
    } else if share * Double(last - first + 1) > Self.mostAtOnce, part.count > 1 {
      let middle = part.startIndex + part.count / 2
      try forEach(part[..<middle], visit)
      try forEach(part[middle...], visit)
    } else {
      try scan(first...last, for: part, visit)
    }
  }

  /// What part of the entries in `range` belongs to these runs, from a sample of them.
  private func share(of part: ArraySlice<Span>, in range: ClosedRange<Int64>) throws -> Double {
    let wanted = Set(part.map(\.run))
    let step = max(1, (range.upperBound - range.lowerBound) / 256)
    var (hits, looks) = (0, 0)
    for sequence in stride(from: range.lowerBound, through: range.upperBound, by: Int64.Stride(step)) {
      looks += 1
      if let run = try db.entry(sequence)?.run, wanted.contains(run) { hits += 1 }
    }
    return Double(hits) / Double(looks)
  }

  private func scan(
    _ range: ClosedRange<Int64>, for part: ArraySlice<Span>, _ visit: (RunID, [Entry]) throws -> Void
  ) throws {
    let places = Dictionary(uniqueKeysWithValues: zip(part.map(\.run), 0...))
    var found = [[Entry]](repeating: [], count: part.count)
    let rows = try Prepared(db, "SELECT seq, entry FROM journal WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq")
    rows.bind(1, range.lowerBound)
    rows.bind(2, range.upperBound)
    while try rows.step() {
      let bytes = rows.bytes(1)
      guard let run = EntryHeader(canonical: bytes)?.run, let place = places[run] else { continue }
      found[place].append(try Entry(stored: bytes, at: rows.integer(0)))
    }
    for (index, span) in part.enumerated() {
      guard found[index].last?.sequence == span.last else { throw damaged(span.last) }
      try visit(span.run, found[index])
      found[index] = []
    }
  }
}
