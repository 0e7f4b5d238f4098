import Engine
import PipelineModel
import Synchronization

/// Sends each effect to the backend it is for, on a lane that belongs to that backend alone.
package final class Dispatcher: EffectSink, Sendable {
  let errands: Errands
  private let lanes = Mutex(Lanes())

  /// Calls that may be under way at one backend at a time.
  static let width = 16

  /// What has a lane of its own.
  enum Destination: Hashable {
    case provider(String)
    /// Calls for one route never overlap.
    case route(RouteName)
    case extra(Extra, RouteName)
    /// Nor do those that bring up and take down a version in one slot.
    case slot(deployer: String, Target, Slot)
    case checks
    case runner(String)
    /// Not behind the commands and steps that are to be ended.
    case cancellations
    case endings(runner: String)
  }

  private struct Lanes {
    var open: [Destination: Lane<Errands>] = [:]
    var isClosed = false
  }

  package init(backends: Backends, inbox: Inbox, clock: Clock) {
    errands = Errands(backends: backends, inbox: inbox, clock: clock)
  }

  package func sweep() { sweep(.now) }

  func sweep(_ now: ContinuousClock.Instant) {
    for lane in lanes.withLock({ Array($0.open.values) }) { lane.sweep(now) }
  }

  /// Cancels every call, and begins no more.
  package func close() {
    let lanes = lanes.withLock { lanes in
      lanes.isClosed = true
      return Array(lanes.open.values)
    }
    for lane in lanes { lane.close() }
  }

  /// Where steps are ended.
  var endings: [Lane<Errands>] {
    lanes.withLock { lanes in
      lanes.open.compactMap { destination, lane in
        if case .endings = destination { lane } else { nil }
      }
    }
  }

  func lane(to destination: Destination, width: Int = 1) -> Lane<Errands> {
    lanes.withLock { lanes in
      if let lane = lanes.open[destination] { return lane }
      let lane = Lane(width: width, errands)
      if lanes.isClosed { lane.close() }
      lanes.open[destination] = lane
      return lane
    }
  }
}
