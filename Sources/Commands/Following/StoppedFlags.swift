import ControlAPI
import Controller
import Engine
import Flags
import Narrative
import PipelineModel
import SQLiteStore

/// Flags that a run in flight ramps, and that somebody has stopped meanwhile: whatever the run has asked for, nobody is
/// given what it ramps. Without anybody who drives it, the run does not know yet.
struct StoppedFlags {
  private let stopped: [(ramp: FlagRamp, flag: RecordedRevision)]

  init(of record: RunRecord, _ plan: Plan, in store: ReadingStore) throws {
    guard !record.status.hasEnded, record.status != .rollingBack else {
      stopped = []
      return
    }
    stopped = try plan.pipeline.stages.compactMap(\.ramp).compactMap { ramp in
      guard let flag = try store.flag(ramp.name), flag.revision.isStopped(of: record.id) else { return nil }
      return (ramp, flag)
    }
  }

  var isEmpty: Bool { stopped.isEmpty }

  var notes: [String] {
    stopped.map { ramp, flag in
      let latched = flag.revision.isLatched ? " and stays off until a person turns it on" : ""
      return "\(ramp.name) was \(flag.deed) at \(flag.time.rfc3339)\(flag.because)\(latched): nobody is given "
        + "`\(ramp.variant)`, whatever this run has asked for. It learns of that when a controller drives it"
    }
  }

  /// What is given of a flag that is off is nothing.
  func corrected(_ routes: [RouteStatus]) -> [RouteStatus] {
    let names = stopped.map(\.ramp.route.description)
    return routes.map { route in
      guard names.contains(route.route) else { return route }
      var route = route
      route.weight = 0
      route.confirmed = false
      return route
    }
  }
}

extension FlagRevision {
  /// Off, though a run that ramps it may think otherwise.
  fileprivate func isStopped(of run: RunID) -> Bool {
    isLatched || isArchived || (contract.rollout == run && stateWord == "off")
  }
}
