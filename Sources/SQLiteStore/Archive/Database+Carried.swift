import Controller
package import Engine
import GRDB
import PipelineModel

// An archive takes a whole prefix of the journal. What is true now may rest on an entry in it: a flag that nobody has
// changed for years, a change that waits, an incident or a freeze that is not over, the pipeline of a run, what a target
// runs. Such entries are written once more, word for word, before they leave; so nothing but a run that has not ended holds
// the past back.

extension Database {
  /// An entry that went into an archive and is still at hand; `nil`: it is not.
  func carried(_ original: Int64) throws -> Entry? {
    guard let entry = try carrier(of: original)?.entry else { return nil }
    let text = Array(entry.text.utf8)
    return try text.withUnsafeBytes { try Entry(stored: $0, at: original) }
  }

  /// The entry that carries another, and its number.
  private func carrier(of original: Int64) throws -> (sequence: Int64, entry: CarriedEntry)? {
    let rows = try Prepared(
      cachedBy: self,
      "SELECT carried.seq, entry FROM carried JOIN journal ON journal.seq = carried.seq WHERE original = ?1")
    rows.bind(1, original)
    guard try rows.step() else { return nil }
    defer { rows.reset() }
    let sequence = rows.integer(0)
    guard case .audit(.carried(let entry)) = try Entry(stored: rows.bytes(1), at: sequence).fact,
      entry.original == original
    else { throw unreadable("carried", "entry \(original)") }
    return (sequence, entry)
  }

  /// What must be written once more before the entries up to `last` leave the store.
  ///
  /// - Parameter besides: numbers of entries that are needed though the tables do not know.
  func entriesToCarry(through last: Int64, besides: Set<Int64> = []) throws -> [CarriedEntry] {
    let base = try archivedPart().last
    var ways = WaysInRows(self)
    var entries: [CarriedEntry] = []
    for original in try needed(through: last).union(besides.filter { $0 <= last }).sorted() {
      if original > base {
        entries.append(try ways.carried(original))
      } else if let (sequence, entry) = try carrier(of: original) {
        if sequence <= last { entries.append(entry) }
      } else {
        throw damaged(original)
      }
    }
    return entries
  }

  /// Those of the entries 1 to `last` that what is true now rests on, in the store or not. The newest proposal, the
  /// newest incident and the newest freeze are among them, since their numbers must not be given again.
  private func needed(through last: Int64) throws -> Set<Int64> {
    var needed = Set(
      try Int64.fetchAll(
        self,
        sql: """
          SELECT seq FROM flags
          UNION SELECT seq FROM flag_proposals WHERE pending = 1 OR id = (SELECT max(id) FROM flag_proposals)
          UNION SELECT opened FROM incidents WHERE closed IS NULL OR number = (SELECT max(number) FROM incidents)
          UNION SELECT declared FROM freezes WHERE ended IS NULL OR number = (SELECT max(number) FROM freezes)
          UNION SELECT ended FROM freezes WHERE number = (SELECT max(number) FROM freezes) AND ended IS NOT NULL
          UNION SELECT closed FROM incidents WHERE number = (SELECT max(number) FROM incidents) AND closed IS NOT NULL
          """))
    needed.formUnion(try definitionsInUse())
    for target in try targets().map(\.target) {
      if let record = try record(of: target) { needed.insert(record) }
    }
    return needed.filter { 0 < $0 && $0 <= last }
  }

  private func definitionsInUse() throws -> [Int64] {
    try Int64.fetchAll(
      self,
      sql: """
        SELECT runs.first FROM progress JOIN runs ON runs.id = progress.run WHERE progress.ended_at IS NULL
        """
    ).map { first in
      guard case .started(let start)? = try entry(first)?.fact else { throw damaged(first) }
      return start.definition
    }
  }

  /// The entry that says last what a target runs: of those that ended a run of it, the newest.
  private func record(of target: Target) throws -> Int64? {
    let rows = try Prepared(
      self,
      """
      SELECT progress.last FROM runs JOIN progress ON progress.run = runs.id
      WHERE service = ?1 AND environment = ?2 AND progress.ended_at IS NOT NULL ORDER BY progress.last DESC
      """)
    rows.bind(1, copying: target.service)
    rows.bind(2, copying: target.environment)
    defer { rows.reset() }
    var found: Int64?
    while try rows.step(), rows.integer(0) > found ?? 0 {
      if let here = try record(of: target, upTo: rows.integer(0)) { found = max(found ?? 0, here) }
    }
    return found
  }

  /// Back along a run to where it ended, past what was refused or came late afterwards. `nil` also where its entries are no
  /// longer at hand: then what it left is not the newest, or this is not the run.
  private func record(of target: Target, upTo last: Int64) throws -> Int64? {
    var sequence = last
    while sequence > 0, let entry = try entry(sequence) {
      for case .recorded(let record) in entry.decisions where record.target == target { return sequence }
      if entry.decisions.contains(where: \.isEnd) { return nil }
      sequence = entry.previous
    }
    return nil
  }
}

extension Decision {
  fileprivate var isEnd: Bool { if case .ended = self { true } else { false } }
}

extension DrivingStore {
  package func entriesToCarry(through last: Int64, besides: Set<Int64>) throws -> [CarriedEntry] {
    try queue.unsafeReentrantWrite { try $0.entriesToCarry(through: last, besides: besides) }
  }
}
