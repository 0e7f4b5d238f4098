import ArgumentParser
import ControlAPI
import Controller
import Engine
import Foundation
import Narrative
import PipelineModel
import SQLiteStore

/// A terminal that drives, or watches, one run until it ends.
final class Session {
  let access: StoreAccess
  let identity: IdentityOptions
  let view: View
  /// Options with which a rehearsal is gone on with.
  let rehearsal: String
  let driver = DrivingThread()
  let interrupt = Interrupt()
  private var clock: Clock?
  /// What was in flight before this process drove it.
  private(set) var found: [RunRecord] = []
  /// Whether runs that wait for their turn are left waiting.
  private(set) var leavesQueued = false
  /// For one who only watches: whether somebody drove at the last look, and when to look again.
  var wasDriven = true
  var nextLook = ContinuousClock.now

  init(access: StoreAccess, identity: IdentityOptions, view: View, rehearsal: String = "") {
    self.access = access
    self.identity = identity
    self.view = view
    self.rehearsal = rehearsal
    Console.outliveReaders()
  }

  var isDriving: Bool { clock != nil }

  /// Opens the store for driving; when somebody else drives it, goes on as one who watches, unless that is not wanted.
  ///
  /// - Parameters:
  ///   - leavingAlone: see `Conductor.resume`.
  ///   - leavingQueued: see `Conductor.resume`.
  func begin(
    speed: Double = 1, orWatch: Bool = true, rules: HouseRules,
    leavingAlone: @escaping @Sendable (RunID) -> Bool = { _ in false }, leavingQueued: Bool = false,
    backends: @escaping @Sendable (Clock) throws -> Backends
  ) throws {
    found = unfinished
    leavesQueued = leavingQueued
    switch driver.start(
      access.path, for: rehearsal.isEmpty ? .real : .rehearsal, speed: speed, rules: rules, past: access.past,
      leavingAlone: leavingAlone, leavingQueued: leavingQueued, backends: backends)
    {
    case .driving(let clock):
      self.clock = clock
      warn(about: clock)
    case .failed(let reason): throw Stop.unknown(reason)
    case .misconfigured(let reason): throw Stop(code: .badFile, description: reason)
    case .refused(let reason):
      guard orWatch else { throw Stop.unknown(reason) }
      Console.error("another controller drives this store; handing the run to it, and watching from here")
    }
  }

  private func warn(about clock: Clock) {
    guard rehearsal.isEmpty, clock.ahead > .minutes(1) else { return }
    Console.error(
      "the journal is \(clock.ahead.rounded) ahead of this machine's clock, and holds and deadlines go by the journal; "
        + "is the clock right?")
  }

  /// Asks for something, of ourselves or of whoever drives.
  ///
  /// - Returns: the run it concerns.
  func ask(_ ask: Request.Ask) throws -> RunID {
    try orStay {
      guard let run = try Asking(access, identity).ask(ask, isAlive: { self.driver.failure == nil }) else {
        throw Stop.unknown("the controller began no run")
      }
      return run
    }
  }

  /// Has a run taken back by `begin`, which drives it. It is asked for first: a run that is gone on with must not take
  /// another step before it hears. One whose traffic is on its way back already, also since this process took it up,
  /// needs nobody to ask for it: it needs somebody who drives.
  ///
  /// - Returns: the run, to be followed.
  func takeBack(_ record: RunRecord, by act: Act, driving begin: () throws -> Void) throws -> RunID {
    let asking = try Asking(access, identity)
    let left = try isGoingBack(record.id) ? nil : asking.put(.act(record.id, act))
    do {
      try begin()
    } catch {
      if left != nil {
        Console.error("the request to \(act.verb) stays in the store, and is done as soon as somebody drives it")
      }
      throw error
    }
    return try orStay {
      do {
        if let left { _ = try asking.answer(to: left, isAlive: { self.driver.failure == nil }) }
      } catch {
        guard !record.status.hasEnded, try isGoingBack(record.id) else { throw error }
      }
      return record.id
    }
  }

  private func isGoingBack(_ id: RunID) throws -> Bool {
    switch try access.reading().existing(id).status {
    case .rollingBack, .rolledBack, .aborted, .failed: true
    case .queued, .running, .paused, .held, .promoted: false
    }
  }

  /// Follows the run to its end, telling what came after an entry; stays as long as others in the store need this process to drive them.
  ///
  /// - Throws: `ExitCode` 2 when this terminal leaves before.
  func follow(_ id: RunID, after entry: Int64 = 0) throws -> Outcome {
    // What looks at the store is closed when this returns: the last one to leave a store folds its log.
    guard let outcome = try observe(id, after: entry) else { throw leave(id) }
    stayForOthers()
    endDriving(besides: id)
    return outcome
  }

  /// - Returns: `nil` when this terminal is to leave before the end.
  private func observe(_ id: RunID, after entry: Int64) throws -> Outcome? {
    let store = try access.following()
    let follower = try Follower(store, id, after: entry)
    var screen = RunView(isLive: !view.isPlain && !view.isJSON, isVerbose: view.isVerbose)
    while true {
      try show(try follower.news(), follower, &screen)
      if let outcome = follower.outcome {
        try summarize(follower, store)
        return outcome
      }
      if let failure = driver.failure, isDriving { throw Stop.unknown("the controller stopped: \(failure)") }
      mindDriver(id, store, &screen)
      if let wish = interrupt.take(), try !goesOn(wish, follower, &screen) { return nil }
      usleep(50_000)
    }
  }

  /// Follows the run, and ends with the code that its outcome means.
  func finish(_ id: RunID) throws {
    if try follow(id) != .promoted { throw ExitCode.negative }
  }

  private func show(_ sentences: [Sentence], _ follower: Follower, _ screen: inout RunView) throws {
    if view.isJSON { return try tell(sentences, screen) }
    screen.show(sentences, follower.chronicle, now: now(follower))
  }

  /// Without the block of a terminal.
  func tell(_ sentences: [Sentence], _ screen: RunView) throws {
    guard view.isJSON else { return screen.tell(sentences) }
    for sentence in sentences where screen.isShown(sentence) { try Console.jsonLine(TimelineLine(sentence)) }
  }

  /// By the clock that drives the run; one who only watches does not have it, and goes by the last entry at least.
  private func now(_ follower: Follower) -> Timestamp { clock?.now ?? max(.wall, follower.time) }

  func stop() { if isDriving { driver.stop() } }

  // MARK: The end

  private func summarize(_ follower: Follower, _ store: ReadingStore) throws {
    guard let run = follower.run, let record = try store.run(run.id) else { return }
    let summary = RunSummary(record, now: now(follower))
    if view.isJSON { return try Console.jsonLine(summary) }
    let phrase = run.outcome?.phrase ?? record.status.rawValue
    let stage = record.stage.map { ", stage \"\($0)\"" } ?? ""
    Console.print("")
    Console.print(
      Console.styled("run \(run.id) of \(record.pipeline): \(phrase)", .bold)
        + " after \(summary.took), version \(record.version)\(stage)")
    Console.print("see it again: headgate show \(run.id)\(access.hint)")
  }
}
