import Engine
import GRDB
import PipelineModel

/// The moments of runs that the table of moments does not have yet.
///
/// A step of a run is a moment more often than not, and its row would be one more page in a commit that has two. So rows are
/// written many at a time, with the entry they reach to; whoever looks for moments reads what comes after it in the
/// journal. There is never much of that.
struct RunMoments {
  /// Entries after which the rows are written at the latest.
  static let most: Int64 = 256
  /// A batch of so many entries writes many pages anyway.
  private static let many = 16

  /// The table has all up to this entry.
  private(set) var noted: Int64
  private var rows: [(sequence: Int64, run: RunID)] = []

  init(notedThrough noted: Int64) { self.noted = noted }

  mutating func add(_ entry: Entry) {
    if let run = entry.run, entry.isMoment { add(entry.sequence, of: run) }
  }

  mutating func add(_ sequence: Int64, of run: RunID) { rows.append((sequence, run)) }

  /// Whether the rows are to be written with this batch.
  func areDue(with batch: [Entry]) -> Bool {
    batch.count >= Self.many || (batch.last?.sequence ?? noted) - noted >= Self.most
      || batch.contains { $0.sealedSegment != nil }
  }

  mutating func written(through sequence: Int64) {
    noted = sequence
    rows.removeAll(keepingCapacity: true)
  }

  func forEach(_ body: (Int64, RunID) throws -> Void) rethrows {
    for row in rows { try body(row.sequence, row.run) }
  }
}

extension Schema {
  /// `moments` is the entry up to which the table of moments has the moments of runs; those of all else it has at once.
  static let momentsThrough = """
    ALTER TABLE store ADD COLUMN moments INTEGER NOT NULL DEFAULT 0;
    UPDATE store SET moments = (SELECT seq FROM head);
    """
}

extension Database {
  /// The entry up to which the table of moments has those of runs.
  func momentsThrough() throws -> Int64 {
    let rows = try Prepared(cachedBy: self, "SELECT moments FROM store")
    defer { rows.reset() }
    return try rows.step() ? rows.integer(0) : 0
  }

  /// Adds what a driver had not written yet when it ended.
  func noteMoments(through last: Int64) throws {
    let reach = try momentsThrough()
    guard reach < last else { return }
    let timeline = try TimelineStatements(self)
    var moments = RunMoments(notedThrough: reach)
    try unnotedMoments(in: 1...last) { moments.add($0, of: $1) }
    try timeline.put(moments, through: last)
  }

  /// Moments of runs among the entries that the table does not reach to, in order.
  func unnotedMoments(in range: ClosedRange<Int64>, _ visit: (Int64, RunID) throws -> Void) throws {
    let first = max(range.lowerBound, try momentsThrough() + 1)
    guard first <= range.upperBound else { return }
    let rows = try Prepared(self, "SELECT seq, entry FROM journal WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq")
    rows.bind(1, first)
    rows.bind(2, range.upperBound)
    var measurements = MeasurementReader()
    while try rows.step() {
      let bytes = rows.bytes(1)
      if measurements.read(bytes) != nil { continue }
      let entry = try Entry(stored: bytes, at: rows.integer(0))
      if let run = entry.run, entry.isMoment { try visit(entry.sequence, run) }
    }
  }
}
