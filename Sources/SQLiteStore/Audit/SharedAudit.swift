import Controller
import Engine
import GRDB
import Synchronization

/// One audit that several workers share: each takes a range of entries at a time, reads the entry before it for the
/// hash to start from, and so the ranges meet at their edges.
final class SharedAudit: Sendable {
  private struct State {
    var nextRange: Int64 = 0
    var checked: Int64 = 0
    var finding: AuditFinding?
    var sums = LinkSums()
    var targets = TargetsInJournal()
    var flags = FlagsInJournal()
  }

  private static let rangeSize: Int64 = 16_384

  private let extent: JournalExtent
  private let state = Mutex(State())

  init(_ extent: JournalExtent) { self.extent = extent }

  var firstFinding: AuditFinding? { state.withLock { $0.finding } }
  var sums: LinkSums { state.withLock { $0.sums } }
  var targets: TargetsInJournal { state.withLock { $0.targets } }
  var flags: FlagsInJournal { state.withLock { $0.flags } }

  func work(_ db: Database, _ progress: (Int64, Int64) -> Void) throws {
    var check = try EntryCheck(db)
    while let range = nextRange() {
      let finding = check.firstFinding(in: range, isLast: range.upperBound >= extent.last)
      let checked = state.withLock { state in
        state.checked += Int64(range.count)
        if let finding, finding.sequence < state.finding?.sequence ?? .max { state.finding = finding }
        return state.checked
      }
      progress(min(checked, extent.last), extent.last)
    }
    state.withLock {
      $0.sums.add(check.sums)
      $0.targets.add(check.targets)
      $0.flags.add(check.flags)
    }
  }

  /// Ranges beyond the first finding need not be looked at: the first is what is asked for.
  private func nextRange() -> ClosedRange<Int64>? {
    state.withLock { state in
      let first = state.nextRange * Self.rangeSize + 1
      guard first == 1 || (first <= extent.last && first < state.finding?.sequence ?? .max) else { return nil }
      state.nextRange += 1
      return first...max(first, min(first + Self.rangeSize - 1, extent.last))
    }
  }
}
