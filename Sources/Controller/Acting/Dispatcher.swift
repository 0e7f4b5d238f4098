import Engine
import PipelineModel
import PluginKit
import Synchronization

/// Carries out effects through the ports, each backend on a lane of its own, and brings what comes of them to the inbox:
/// one fact for each, whatever becomes of the call.
package final class Dispatcher: EffectSink, Sendable {
  let backends: Backends
  let inbox: Inbox
  let clock: Clock
  private let lanes = Mutex(Lanes())

  /// Calls that may be under way at one backend at a time.
  static let width = 16

  /// What has a lane of its own.
  enum Destination: Hashable {
    case provider(String)
    /// Calls for one route never overlap.
    case route(RouteName)
    /// Nor do those that bring up and take down a version in one slot.
    case slot(deployer: String, Target, Slot)
    case checks
    /// Not behind the commands that are to be ended.
    case cancellations
  }

  private struct Lanes {
    var open: [Destination: Lane] = [:]
    var isClosed = false
  }

  package init(backends: Backends, inbox: Inbox, clock: Clock) {
    self.backends = backends
    self.inbox = inbox
    self.clock = clock
  }

  package func perform(_ order: WorkOrder) {
    switch order.effect.work {
    case .measure(_, let metric): measure(order, metric)
    case .setWeight(let route, let weight): setWeight(order, route, weight)
    case .deploy(let stage, let arm): deploy(order, stage, arm)
    case .retire(let stage, let arm): retire(order, stage, arm)
    case .check(let stage): check(order, stage)
    case .cancelCheck: cancelCheck(order)
    }
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

  // MARK: Lanes

  func lane(to destination: Destination, width: Int = 1) -> Lane {
    lanes.withLock { lanes in
      if let lane = lanes.open[destination] { return lane }
      let lane = Lane(width: width)
      if lanes.isClosed { lane.close() }
      lanes.open[destination] = lane
      return lane
    }
  }

  /// A call that brings one fact, whatever becomes of it: its own, or what `failed` makes of the failure.
  func job(
    _ order: WorkOrder, within deadline: Interval, patience: Interval? = nil,
    failed: @escaping @Sendable (Failure) -> Fact, _ call: @escaping @Sendable () async throws(Failure) -> Fact
  ) -> Lane.Job {
    let once = Once()
    let report: @Sendable (Fact) -> Void = { [inbox] fact in
      if once.isFirst() { inbox.put(.fact(order.run, fact)) }
    }
    return Lane.Job(
      deadline: .milliseconds(deadline.milliseconds), patience: patience.map { .milliseconds($0.milliseconds) },
      work: {
        do throws(Failure) {
          report(try await call())
        } catch {
          report(failed(error))
        }
      },
      giveUp: { report(failed(Failure(.transient, "no answer within \(deadline)"))) })
  }
}

/// Lets one of two racing reports through.
private final class Once: Sendable {
  private let done = Atomic(false)
  func isFirst() -> Bool { !done.exchange(true, ordering: .relaxed) }
}
