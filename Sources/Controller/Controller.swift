package import Engine
import Foundation
package import Logging
package import PipelineModel
package import PluginKit

/// Drives every run of a store until it is told to stop.
///
/// One thread owns everything that is decided; backends are called from tasks, and what they say comes back through the
/// inbox.
package final class Controller {
  private let conductor: Conductor
  private let inbox: Inbox
  private let clock: Clock
  private let sink: any EffectSink
  private let log: Logger
  private let health: HealthBoard
  private let courier: Courier?
  private let notary: Notary?
  /// Reminders that are in the outbox already. A few for each quarter of an hour in which something is degraded.
  private var reminded: Set<String> = []
  private var trouble = WritingTrouble()
  private var nextReadBack: ContinuousClock.Instant = .now
  private var nextSweep: ContinuousClock.Instant = .now
  private var nextRequests: ContinuousClock.Instant = .now

  /// How often routers are asked whether they still have their weights.
  package static let readBackInterval = Duration.seconds(5)
  private static let sweepInterval = Duration.seconds(1)
  private static let requestInterval = Duration.milliseconds(50)

  /// - Parameters:
  ///   - roles: what a person holds in this installation, for approvals.
  ///   - flags: who may do what to flags.
  ///   - people: who may act in another's name.
  ///   - freezes: who may declare freezes.
  ///   - archiving: who may move old entries into an archive.
  ///   - claims: the roles that may claim a kind of change for a run.
  ///   - health: where the guards of the backends post what became of them.
  ///   - announcer: says what is to be told, and to whom; `nil`: nothing is.
  ///   - courier: delivers it; also what an earlier controller left behind.
  ///   - rehearses: whether flags are simulated, as the backends are.
  ///   - notary: signs for the journal; `nil`: nobody does.
  package init(
    journal: any Journal, compiler: any PipelineCompiler, sink: any EffectSink, inbox: Inbox, clock: Clock, log: Logger,
    roles: @escaping @Sendable (Principal) -> [String] = { _ in [] }, claims: [ChangeKind: [String]] = [:],
    flags: FlagPolicy = FlagPolicy(), people: PeoplePolicy = PeoplePolicy(), freezes: FreezePolicy = FreezePolicy(),
    archiving: AuditPolicy.Archiving = AuditPolicy.Archiving(),
    health: HealthBoard = HealthBoard(), announcer: (any Announcer)? = nil,
    courier: Courier? = nil, rehearses: Bool = false, notary: Notary? = nil
  ) throws {
    self.health = health
    self.courier = courier
    self.notary = notary
    conductor = try Conductor(
      journal: journal, compiler: compiler, sink: sink, log: log, roles: roles, claims: claims, flags: flags,
      people: people, freezes: freezes, archiving: archiving)
    conductor.announcer = announcer
    conductor.simulatesFlags = rehearses
    self.inbox = inbox
    self.clock = clock
    self.sink = sink
    self.log = log
  }

  /// When applications were last given a flag, as far as somebody counts.
  package var lastUse: (FlagName) -> FlagUse {
    get { conductor.lastUse }
    set { conductor.lastUse = newValue }
  }

  /// The roles that may promote a run past its gates; `nil`: anybody may, with a reason.
  package var overrides: [String]? {
    get { conductor.overrides }
    set { conductor.overrides = newValue }
  }

  /// Runs on the calling thread until the inbox is closed, or `isDone` says after a turn that there is nothing left.
  ///
  /// - Parameters:
  ///   - leavingAlone: see `Conductor.resume`.
  ///   - leavingQueued: see `Conductor.resume`.
  /// - Throws: when the journal cannot be read at the start, or another controller has taken the store over; `Unserved`
  ///   when unfinished runs name backends that are missing.
  package func drive(
    until isDone: (Conductor) -> Bool = { _ in false }, leavingAlone: (RunID) -> Bool = { _ in false },
    leavingQueued: Bool = false
  ) throws {
    try conductor.resume(now: clock.now, leavingAlone: leavingAlone, leavingQueued: leavingQueued)
    var inbound: [Inbound] = []
    while inbox.take(into: &inbound, patience: patience) {
      // What people ask for is heard before answers that lead to the next step.
      inbound.insert(contentsOf: try requests(), at: 0)
      inbound += checkpoint()
      try turn(inbound)
      courier?.turn(clock.now)
      lookAfterTheWorld()
      if isDone(conductor) { return }
    }
  }

  private var patience: Duration {
    var patience = Duration.milliseconds(50)
    if let next = conductor.nextTimer { patience = min(patience, clock.real(until: next)) }
    return patience
  }

  private func turn(_ inbound: [Inbound]) throws(JournalFailure) {
    do {
      try conductor.turn(inbound, now: clock.now)
    } catch {
      guard error.kind == .unavailable else { throw error }
      if trouble.failed("\(error)", at: .wall) {
        log.error("the journal cannot be written; nothing is decided until it can", metadata: ["reason": "\(error)"])
      }
      return Thread.sleep(forTimeInterval: 1)
    }
    guard let past = trouble.succeeded(at: .wall) else { return }
    log.notice(
      "the journal can be written again", metadata: ["tries": "\(past.tries)", "after": "\(past.time)"])
  }

  private func requests() throws -> [Inbound] {
    guard ContinuousClock.now >= nextRequests, !conductor.isBlocked else { return [] }
    nextRequests = .now + Self.requestInterval
    return try conductor.journal.requests().map(Inbound.request)
  }

  private func checkpoint() -> [Inbound] {
    guard !conductor.isBlocked, let fact = notary?.turn(clock.now, head: conductor.head.sequence) else { return [] }
    return [.audit(fact)]
  }

  /// Signs for all that was written, so that nothing of it can be cut off unseen while nobody drives.
  package func signOff() {
    guard !conductor.isBlocked, let fact = notary?.last(clock.now, head: conductor.head.sequence) else { return }
    do throws(JournalFailure) {
      try conductor.turn([.audit(fact)], now: clock.now)
    } catch {
      log.warning("the last checkpoint could not be written down", metadata: ["reason": "\(error)"])
    }
  }

  private func lookAfterTheWorld() {
    let now = ContinuousClock.now
    if now >= nextSweep {
      nextSweep = now + Self.sweepInterval
      sink.sweep()
      noteHealth()
    }
    if now >= nextReadBack {
      nextReadBack = now + Self.readBackInterval
      conductor.readBackWeights()
      remind()
    }
  }

  /// What a turn decided last may still be told before this process ends: waits for it, but not for long.
  package func deliver(for patience: Duration) {
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
      courier?.turn(clock.now)
      if courier?.isIdle(clock.now) ?? true, notary?.isIdle(clock.now, head: conductor.head.sequence) ?? true { return }
      Thread.sleep(forTimeInterval: 0.02)
    }
  }

  private func remind() {
    let reminders = conductor.reminders(now: clock.now).filter {
      reminded.insert("\($0.notifier) \($0.notice.key)").inserted
    }
    if !reminders.isEmpty { courier?.post(reminders, at: clock.now) }
  }

  private func noteHealth() {
    let news = health.takeNews()
    guard !news.isEmpty else { return }
    do throws(JournalFailure) {
      try conductor.journal.note(news)
    } catch {
      log.warning("the health of backends could not be noted", metadata: ["reason": "\(error)"])
    }
  }
}
