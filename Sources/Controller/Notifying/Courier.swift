package import Logging
package import PipelineModel
package import PluginKit
import Synchronization

/// Takes notices from the outbox to their notifiers: each on a lane of its own, tried five times with growing pauses,
/// then given up until somebody asks for it again.
///
/// A notice that was delivered just before the controller died is delivered once more by the next one, under the same
/// key.
package final class Courier {
  /// Tries, the first included.
  package static let tries = 5
  private static let interval = Duration.milliseconds(200)

  private let outbox: any Outbox
  private let notifiers: [String: any Notifier]
  private let log: Logger
  private let chance: @Sendable () -> Double
  private let mailbox = Mailbox()
  private var lanes: [String: Lane<Deliveries>] = [:]
  private var underWay: Set<Int64> = []
  private var nextLook: ContinuousClock.Instant = .now

  /// - Parameter chance: 0 ..< 1, for the jitter of pauses.
  package init(
    outbox: any Outbox, notifiers: [String: any Notifier], log: Logger,
    chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.outbox = outbox
    self.notifiers = notifiers
    self.log = log
    self.chance = chance
  }

  /// Settles what has come of deliveries, and begins those that are due. Returns at once.
  package func turn(_ now: Timestamp) {
    let ended = mailbox.take()
    guard !ended.isEmpty || ContinuousClock.now >= nextLook else { return }
    nextLook = .now + Self.interval
    do throws(JournalFailure) {
      if !ended.isEmpty { try settle(ended, now) }
      for lane in lanes.values { lane.sweep() }
      for item in try outbox.due(at: now, limit: 256) where !underWay.contains(item.id) { begin(item) }
    } catch {
      log.warning("the outbox cannot be used now", metadata: ["reason": "\(error)"])
    }
  }

  package func post(_ notices: [AddressedNotice], at now: Timestamp) {
    do throws(JournalFailure) {
      try outbox.post(notices, at: now)
    } catch {
      log.warning("a notice could not be put into the outbox", metadata: ["reason": "\(error)"])
    }
  }

  /// Whether nothing is under way, and nothing could be sent now.
  package func isIdle(_ now: Timestamp) -> Bool {
    guard underWay.isEmpty, mailbox.isEmpty else { return false }
    return ((try? outbox.due(at: now, limit: 1)) ?? []).isEmpty
  }

  /// Cancels every delivery; what was not settled is delivered again by whoever drives next.
  package func close() {
    for lane in lanes.values { lane.close() }
  }

  // MARK: Deliveries

  private func begin(_ item: OutboxItem) {
    guard let notifier = notifiers[item.notifier] else {
      let known = notifiers.isEmpty ? "none" : notifiers.keys.sorted().joined(separator: ", ")
      let why = "there is no notifier \"\(item.notifier)\" in headgate.yaml (there is: \(known))"
      return mailbox.put(.init(item: item, failure: Failure(.misconfigured, why)))
    }
    underWay.insert(item.id)
    lane(to: item.notifier, notifier).submit([Lane.Job(call: item, deadline: item.notice.timeout + .seconds(5))])
  }

  private func lane(to name: String, _ notifier: any Notifier) -> Lane<Deliveries> {
    if let lane = lanes[name] { return lane }
    let lane = Lane(width: 4, Deliveries(notifier: notifier, mailbox: mailbox))
    lanes[name] = lane
    return lane
  }

  private func settle(_ ended: [Mailbox.Ended], _ now: Timestamp) throws(JournalFailure) {
    do throws(JournalFailure) {
      try outbox.settle(ended.map { Delivery(item: $0.item.id, outcome: outcome(of: $0, now)) }, at: now)
    } catch {
      // Kept until it can be written down; meanwhile they are not sent again.
      mailbox.putBack(ended)
      throw error
    }
    for each in ended { underWay.remove(each.item.id) }
  }

  private func outcome(of ended: Mailbox.Ended, _ now: Timestamp) -> Delivery.Outcome {
    guard let failure = ended.failure else { return .sent }
    let tries = ended.item.tries + 1
    guard failure.kind == .transient, tries < Self.tries else {
      log.warning(
        "a notice could not be delivered",
        metadata: ["notifier": "\(ended.item.notifier)", "key": "\(ended.item.notice.key)"])
      return .dead(because: failure.message)
    }
    let pause = Interval.milliseconds(1000 << Int64(tries - 1)) + .milliseconds(Int64(501 * chance()))
    return .again(at: now + max(pause, failure.retryAfter ?? .zero), because: failure.message)
  }
}

/// What deliveries came to, from whatever thread.
private final class Mailbox: Sendable {
  struct Ended: Sendable {
    var item: OutboxItem
    /// `nil`: it was delivered.
    var failure: Failure?
  }
  private let ended = Mutex<[Ended]>([])

  var isEmpty: Bool { ended.withLock(\.isEmpty) }
  func put(_ one: Ended) { ended.withLock { $0.append(one) } }
  func putBack(_ some: [Ended]) { ended.withLock { $0 = some + $0 } }

  func take() -> [Ended] {
    ended.withLock { ended in
      defer { ended = [] }
      return ended
    }
  }
}

/// Hands notices to one notifier.
private struct Deliveries: Caller {
  let notifier: any Notifier
  let mailbox: Mailbox

  func answer(_ item: OutboxItem) async -> Failure? {
    do throws(Failure) {
      try await notifier.send(item.notice)
      return nil
    } catch {
      return error
    }
  }

  func report(_ failure: Failure?, to item: OutboxItem) { mailbox.put(.init(item: item, failure: failure)) }

  func giveUp(_ item: OutboxItem, after deadline: Interval) {
    mailbox.put(.init(item: item, failure: Failure(.transient, "no answer within \(deadline)")))
  }
}
