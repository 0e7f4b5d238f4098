import Controller
import Engine
import GRDB
import Proofs
import Synchronization

/// One audit that several workers share: each takes a range of entries at a time, reads the entry before it for the
/// hash to start from, and so the ranges meet at their edges.
final class SharedAudit: Sendable {
  private struct State {
    var nextRange: Int64
    var checked: Int64 = 0
    var finding: AuditFinding?
    var meaning: EntryMeaning
    var trees: [GrownTree] = []
  }

  private static let rangeSize: Int64 = 16_384

  /// The entry before the first that is looked at, and the last.
  private let start: EntryMeaning.Neighbour
  private let last: Int64
  /// Entries after this one are known.
  private let known: Int64
  private let reach: Int64
  /// At which sizes the tree is asked for; `nil`: no tree is wanted.
  private let sizes: [Int64]?
  private let state: Mutex<State>

  init(_ extent: JournalExtent, sizes: [Int64]? = nil) {
    start = extent.start
    last = extent.last
    known = extent.meaning.start
    reach = extent.meaning.reach
    self.sizes = sizes
    state = Mutex(
      State(
        nextRange: extent.start.sequence / Self.rangeSize,
        meaning: EntryMeaning(after: extent.meaning.start, reaching: extent.meaning.reach)))
  }

  var firstFinding: AuditFinding? { state.withLock { $0.finding } }
  var meaning: EntryMeaning { state.withLock { $0.meaning } }
  /// From left to right.
  var trees: [GrownTree] { state.withLock { $0.trees.sorted { $0.piece.start < $1.piece.start } } }

  func work(_ db: Database, _ progress: (Int64, Int64) -> Void) throws {
    var check = try EntryCheck(db, after: start, knowing: known, reaching: reach)
    let table = try sizes.map { _ in try StoredTree(db, EntrySource(db)) }
    while let range = nextRange() {
      var tree = sizes.map { RangeTree(after: range.lowerBound - 1, sizes: $0, table: table) }
      let finding = check.firstFinding(in: range, isLast: range.upperBound >= last, growing: &tree)
      let grown = tree?.grown
      let checked = state.withLock { state in
        state.checked += Int64(range.count)
        if let grown { state.trees.append(grown) }
        if let finding, finding.sequence < state.finding?.sequence ?? .max { state.finding = finding }
        return state.checked
      }
      progress(min(checked, last - start.sequence), last - start.sequence)
    }
    state.withLock { $0.meaning.add(check.meaning) }
  }

  /// Ranges beyond the first finding need not be looked at: the first is what is asked for.
  private func nextRange() -> ClosedRange<Int64>? {
    let base = start.sequence
    return state.withLock { state in
      let first = max(state.nextRange * Self.rangeSize, base) + 1
      guard first == base + 1 || (first <= last && first < state.finding?.sequence ?? .max) else { return nil }
      state.nextRange += 1
      return first...max(first, min(state.nextRange * Self.rangeSize, last))
    }
  }
}
