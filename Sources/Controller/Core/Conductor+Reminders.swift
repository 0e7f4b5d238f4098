import Engine
import PipelineModel

extension Conductor {
  /// What is told again of runs that are still degraded. The same within a quarter of an hour, so that whoever keeps it
  /// can leave out what is there already.
  func reminders(now: Timestamp) -> [AddressedNotice] {
    guard let announcer else { return [] }
    return runs.sorted { $0.key < $1.key }.flatMap { announcer.reminders(of: $0.value.run, at: now) }
  }
}
