import Flags
import PipelineModel

extension FlagLedger {
  /// The freeze that holds a change; `nil`: it may go ahead. What takes a flag away from people waits for nothing.
  func freeze(on revision: FlagRevision, _ circumstances: FlagCircumstances) -> Freeze? {
    switch revision.change {
    case .turnedOff, .killed, .stepped, .switchedOff: nil
    case .created, .changed, .turnedOn, .archived, .imported, .reverted:
      circumstances.freeze(services(of: revision), revision.name.environment)
    }
  }

  /// Those that read the flag before or after; empty where either does not say.
  private func services(of revision: FlagRevision) -> [String] {
    let after = revision.contract.services
    guard let head = head(revision.name), !head.isArchived else { return after }
    let before = head.contract.services
    return before.isEmpty || after.isEmpty ? [] : before + after
  }
}

extension Freeze {
  /// Why a change of a flag has to wait.
  func refusal(of name: FlagName) -> Refusal {
    Refusal(
      "\(sentence), and \(name) may not change before. Killing and turning off are always possible; ask for it with "
        + "`--at` after the end, or go past it with --break-glass and a reason")
  }
}
