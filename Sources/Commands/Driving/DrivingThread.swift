import Controller
import Engine
import Foundation
import Logging
import PipelineModel
import PluginKit
import SQLiteStore
import Synchronization

/// A controller that drives a store on a thread of its own, while this process does something else.
final class DrivingThread: Sendable {
  enum Opened: Sendable {
    case driving(Clock)
    /// Somebody else drives the store.
    case refused(String)
    case failed(String)
    /// What headgate.yaml says cannot be used, or is not enough for what is unfinished in the store.
    case misconfigured(String)
  }

  private struct State {
    var opened: Opened?
    var active = 0
    var failure: String?
  }

  let inbox = Inbox()
  private let onNews: @Sendable () -> Void
  private let state = Mutex(State())
  private let opened = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameter onNews: called on the controller's thread after each turn that wrote something.
  init(onNews: @escaping @Sendable () -> Void = {}) { self.onNews = onNews }

  /// Opens the store and begins to drive. Returns once what waited in the store has been taken up, or when it cannot be
  /// opened.
  ///
  /// - Parameters:
  ///   - leavingAlone: runs that do not keep the others from going on when backends they name are missing.
  ///   - leavingQueued: whether runs that wait for their turn are left waiting; see `Conductor.resume`.
  func start(
    _ path: String, for purpose: Store.Purpose, speed: Double, rules: HouseRules, past: PastPlace = PastPlace(),
    leavingAlone: @escaping @Sendable (RunID) -> Bool = { _ in false }, leavingQueued: Bool = false,
    backends: @escaping @Sendable (Clock) throws -> Backends
  ) -> Opened {
    let thread = Thread { [self] in drive(path, purpose, speed, rules, past, leavingAlone, leavingQueued, backends) }
    thread.name = "headgate.controller"
    thread.stackSize = 4 << 20
    thread.start()
    opened.wait()
    return state.withLock { $0.opened ?? .failed("the controller did not start") }
  }

  /// Runs that have not ended, without those that are left waiting.
  var active: Int { state.withLock(\.active) }

  /// Why the controller stopped by itself; `nil` while it goes on.
  var failure: String? { state.withLock(\.failure) }

  /// Stops driving: what is under way is left to whoever drives next.
  func stop() {
    inbox.close()
    ended.wait()
    ended.signal()
  }

  private func drive(
    _ path: String, _ purpose: Store.Purpose, _ speed: Double, _ rules: HouseRules, _ past: PastPlace,
    _ leavingAlone: (RunID) -> Bool, _ leavingQueued: Bool, _ backends: @Sendable (Clock) throws -> Backends
  ) {
    defer {
      opened.signal()
      ended.signal()
    }
    let store: DrivingStore
    do {
      store = try Store.openForDriving(path, for: purpose)
    } catch {
      state.withLock { $0.opened = error.kind == .held ? .refused(error.description) : .failed(error.description) }
      return
    }
    defer { store.close() }
    store.archive = past.folder
    do {
      let clock = Clock(wall: .wall, notBefore: store.head.time, speed: speed)
      let backends = try backends(clock)
      let dispatcher = Dispatcher(backends: backends, inbox: inbox, clock: clock)
      defer {
        dispatcher.awaitEndings(for: .seconds(5))
        dispatcher.close()
        wait(for: backends.close)
      }
      let log = Logger(label: "headgate")
      // A rehearsal wakes nobody, and where nobody can be told nothing is made to be told.
      let tells = purpose == .real && !backends.notifiers.isEmpty
      let courier = tells ? Courier(outbox: store, notifiers: backends.notifiers, log: log) : nil
      defer { courier?.close() }
      let signing = purpose == .real ? backends.signing : nil
      let notary = signing.flatMap { appoint(store, $0, courier, backends.health, log) }
      let controller = try Controller(
        journal: store, compiler: SyntaxCompiler(backends: backends), sink: dispatcher, inbox: inbox, clock: clock,
        log: log, roles: rules.roles, claims: backends.changes, flags: rules.flags, people: rules.people,
        freezes: rules.freezes, archiving: past.policy, health: backends.health,
        announcer: courier.map { _ in Subscriptions(backends.notify, store: store.head.store) }, courier: courier,
        rehearses: purpose == .rehearsal, notary: notary)
      controller.overrides = backends.overrides
      controller.lastUse = EvaluationStore.lastUses(besides: path, rules)
      // Also when it is told to stop: how a run ended is worth a moment more.
      defer { controller.deliver(for: .seconds(10)) }
      var written = store.head.sequence
      try controller.drive(
        until: { conductor in
          noteTurn(conductor.drivenRuns, clock)
          if conductor.head.sequence != written { onNews() }
          written = conductor.head.sequence
          return false
        },
        // A rehearsal has the backends of the one pipeline it was begun with.
        leavingAlone: { purpose == .rehearsal || leavingAlone($0) }, leavingQueued: leavingQueued)
      controller.signOff()
    } catch let failure as Failure {
      end(failure.message, failure.kind == .misconfigured ? Opened.misconfigured : Opened.failed)
    } catch let unserved as Unserved {
      end(unserved.description, Opened.misconfigured)
    } catch {
      end("\(error)", Opened.failed)
    }
  }

  private func end(_ reason: String, _ kind: (String) -> Opened) {
    state.withLock {
      if $0.opened == nil { $0.opened = kind(reason) }
      $0.failure = reason
    }
  }
}

extension DrivingThread {
  private func wait(for end: @escaping @Sendable () async -> Void) {
    let ended = DispatchSemaphore(value: 0)
    Task.detached {
      await end()
      ended.signal()
    }
    ended.wait()
  }

  /// `nil` when the key cannot be had: then the store is driven all the same, and nothing is signed.
  private func appoint(
    _ store: DrivingStore, _ signing: Signing, _ courier: Courier?, _ health: HealthBoard, _ log: Logger
  ) -> Notary? {
    do throws(Failure) {
      return Notary(
        tree: store, signer: try signing.awaitSigner(), policy: signing.policy, store: store.head.store,
        sinks: signing.sinks, log: log, health: health, post: { courier?.post($0, at: $1) })
    } catch {
      log.error("no checkpoints are signed: the key cannot be used", metadata: ["reason": "\(error.message)"])
      return nil
    }
  }

  private func noteTurn(_ active: Int, _ clock: Clock) {
    let isFirst = state.withLock { state in
      defer { state.opened = state.opened ?? .driving(clock) }
      state.active = active
      return state.opened == nil
    }
    if isFirst { opened.signal() }
  }
}
