package import Engine
import Foundation
package import Logging
package import PipelineModel
package import PluginKit
package import Proofs

/// Signs for the journal from time to time, and gives what it signed to those that keep it.
///
/// What it signs is written down in the journal before anybody else has it. It never holds the journal up: the tree is
/// grown in slices, and sinks are called on queues of their own. Before its first signature it looks whether the journal
/// is still the one that it signed for last, by the journal's own record and by what the sinks have; if not, it signs
/// nothing more.
package final class Notary {
  private static let slice = 4096
  private static let atOnce = 256

  private let tree: any LogTree
  private let signer: NoteSigner
  private let policy: AuditPolicy
  private let store: String
  private let lanes: [SinkLane]
  private let log: Logger
  private let interval: Duration
  private let health: HealthBoard
  private let post: ([AddressedNotice], Timestamp) -> Void

  private var nextLook: ContinuousClock.Instant = .now
  /// The newest on record, when the journal ended at `seen`.
  private var last: RecordedCheckpoint?
  private var seen: Int64 = -1
  private var since: Timestamp?
  private var posted: Int64?
  private var trust = Trust.unknown
  /// Since when sinks fail.
  private var failing: [String: Timestamp] = [:]

  private enum Trust: Equatable {
    case unknown, given, lost
  }

  /// - Parameters:
  ///   - store: the store's random name.
  ///   - interval: how often it looks whether something is to be done.
  ///   - health: where it posts that a sink fails, and that it works again.
  ///   - post: puts notices into the outbox.
  package init(
    tree: any LogTree, signer: NoteSigner, policy: AuditPolicy, store: String, sinks: [any CheckpointSink],
    log: Logger, interval: Duration = .milliseconds(200), health: HealthBoard = HealthBoard(),
    post: @escaping ([AddressedNotice], Timestamp) -> Void = { _, _ in }
  ) {
    self.tree = tree
    self.signer = signer
    self.policy = policy
    self.store = store
    lanes = sinks.map(SinkLane.init)
    self.log = log
    self.interval = interval
    self.health = health
    self.post = post
  }

  /// A checkpoint that has just been signed and is to be written down; `nil`: none is due. Takes a few milliseconds.
  ///
  /// - Parameter head: number of the journal's last entry.
  package func turn(_ now: Timestamp, head: Int64) -> AuditFact? {
    guard ContinuousClock.now >= nextLook else { return nil }
    nextLook = .now + interval
    return attempt(now, head) { isDue(now, head) }
  }

  /// A checkpoint of all there is, before the controller leaves; `nil`: there is nothing new to sign for.
  ///
  /// - Parameter patience: how long each that keeps checkpoints is waited for.
  package func last(_ now: Timestamp, head: Int64, patience: Duration = .seconds(5)) -> AuditFact? {
    for lane in lanes where !lane.isAnswered {
      lane.ask()
      let end = ContinuousClock.now + patience
      while !lane.isAnswered, ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.01) }
    }
    return attempt(now, head, everything: true) { news(head) > 0 }
  }

  /// Whether it is known what every sink had, or that it cannot be reached. Nothing is signed before.
  package var isReady: Bool { lanes.allSatisfy(\.isAnswered) }

  /// Whether every sink has what the journal has, or cannot be reached.
  package func isIdle(_ now: Timestamp, head: Int64) -> Bool {
    try? refresh(head, now)
    look(now)
    return lanes.allSatisfy { $0.isIdle(at: last?.size ?? 0) }
  }

  private func attempt(
    _ now: Timestamp, _ head: Int64, everything: Bool = false, isDue: () -> Bool
  ) -> AuditFact? {
    do throws(JournalFailure) {
      try refresh(head, now)
      look(now)
      guard try isTrusted(now, head), isDue() else { return nil }
      var left = try tree.growTree(by: Self.slice)
      while everything, left > 0 { left = try tree.growTree(by: Self.slice) }
      if left > 0 {
        nextLook = .now
        return nil
      }
      return try sign(now)
    } catch {
      log.error("no checkpoint could be signed", metadata: ["reason": "\(error)"])
      return nil
    }
  }

  private func refresh(_ head: Int64, _ now: Timestamp) throws(JournalFailure) {
    guard head != seen else { return }
    last = try tree.lastCheckpoint()
    seen = head
    let signed = last.flatMap { try? Checkpoint($0.note.text).time }
    since = signed ?? since ?? now
  }

  /// Entries that no checkpoint covers, records of checkpoints aside.
  private func news(_ head: Int64) -> Int64 { head - (last?.size ?? 0) - (last?.records ?? 0) }

  private func isDue(_ now: Timestamp, _ head: Int64) -> Bool {
    let news = news(head)
    return news > 0 && (news >= policy.entries || now - (since ?? now) >= policy.every)
  }

  private func sign(_ now: Timestamp) throws(JournalFailure) -> AuditFact? {
    let head = try tree.treeHead()
    let checkpoint = Checkpoint(
      origin: signer.verifier.name, size: head.size, root: head.root, chain: head.chain, time: now, store: store)
    guard let note = try? signer.sign(checkpoint.text) else { return nil }
    return .checkpointed(size: head.size, note: note.description)
  }

  // MARK: Trust

  private func isTrusted(_ now: Timestamp, _ head: Int64) throws(JournalFailure) -> Bool {
    guard trust == .unknown else { return trust == .given }
    guard isReady else { return false }
    let kept = lanes.compactMap { lane in lane.newest.map { (lane.sink.name, $0) } }
    let recorded = last.flatMap { try? SignedCheckpoint($0.note) }.map { [("the journal itself", $0)] } ?? []
    for (place, checkpoint) in kept + recorded where signer.verifier.verifies(checkpoint.note) {
      guard try holds(checkpoint.checkpoint, head) else {
        trust = .lost
        warn(checkpoint.checkpoint, place, now)
        return false
      }
    }
    trust = .given
    return true
  }

  private func holds(_ checkpoint: Checkpoint, _ head: Int64) throws(JournalFailure) -> Bool {
    // The same key may sign for several stores, each with a sink of its own; one that has another's is set up wrongly.
    guard checkpoint.store ?? store == store, checkpoint.size <= head else { return false }
    return try tree.root(of: checkpoint.size).map { $0 == checkpoint.root } ?? true
  }

  private func warn(_ checkpoint: Checkpoint, _ place: String, _ now: Timestamp) {
    log.critical(
      "the journal is not what was signed for: nothing more is signed; `headgate audit verify --checkpoint` says where",
      metadata: ["entries": "\(checkpoint.size)", "kept by": "\(place)"])
    let notice = notice(
      key: "\(store)-distrust-\(checkpoint.size)", .critical, now, "the audit log is not what was signed for",
      "\(place) has a checkpoint of \(checkpoint.size) entries that the journal does not match. Nothing more is signed. "
        + "`headgate audit verify --checkpoint` says where it differs.")
    post(policy.notify.map { AddressedNotice(notifier: $0, notice: notice) }, now)
  }

  // MARK: Delivery

  /// Gives sinks what they do not have yet. Returns at once.
  private func look(_ now: Timestamp) {
    tell(now)
    for lane in lanes {
      if let news = lane.takeNews() { tell(news, of: lane.sink.name, now) }
      lane.ask()
      guard let known = lane.ready, known < last?.size ?? 0 else { continue }
      guard let notes = try? tree.checkpoints(after: known, limit: Self.atOnce), let newest = notes.last,
        let size = try? Checkpoint(newest.text).size
      else { continue }
      lane.hand(notes, upTo: size)
    }
  }

  /// In the log, and in `status` as long as it lasts.
  private func tell(_ news: SinkLane.News, of sink: String, _ now: Timestamp) {
    var health = BackendHealth(port: .notification, name: "checkpoints, \(sink)", state: .closed, since: now)
    switch news {
    case .failed(let reason, let again):
      log.warning("a checkpoint could not be kept", metadata: ["sink": "\(sink)", "reason": "\(reason)"])
      failing[sink] = failing[sink] ?? now
      (health.state, health.since) = (.open, failing[sink] ?? now)
      (health.until, health.reason) = (now + again, reason)
    case .recovered:
      log.notice("checkpoints are kept again", metadata: ["sink": "\(sink)"])
      failing[sink] = nil
    }
    self.health.post(health)
  }

  /// Puts the newest checkpoint into the outbox; one that is there already stays the only one.
  private func tell(_ now: Timestamp) {
    guard let last, posted != last.size, !policy.notify.isEmpty else { return }
    posted = last.size
    let notice = notice(
      key: "\(store)-checkpoint-\(last.size)", .info, now, "checkpoint of \(last.size) entries", last.note.description)
    post(policy.notify.map { AddressedNotice(notifier: $0, notice: notice) }, now)
  }

  private func notice(
    key: String, _ severity: Notice.Severity, _ now: Timestamp, _ title: String, _ text: String
  ) -> Notice {
    Notice(
      key: key, thread: "\(store)-checkpoints", event: .checkpoint, severity: severity, pipeline: "audit",
      service: "headgate", environment: "", version: "", time: now, title: "\(signer.verifier.name): \(title)",
      text: text)
  }
}
