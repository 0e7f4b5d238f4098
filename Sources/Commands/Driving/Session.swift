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
  private let access: StoreAccess
  private let identity: IdentityOptions
  private let view: ViewOptions
  private let driver = DrivingThread()
  private let interrupt = Interrupt()
  private var clock: Clock?
  private var backends: (@Sendable (Clock) throws -> Backends)?
  private var speed = 1.0

  init(access: StoreAccess, identity: IdentityOptions, view: ViewOptions) {
    self.access = access
    self.identity = identity
    self.view = view
  }

  private var isDriving: Bool { clock != nil }

  /// Opens the store for driving; when somebody else drives it, goes on as one who watches, unless that is not wanted.
  func begin(
    speed: Double = 1, orWatch: Bool = true, backends: @escaping @Sendable (Clock) throws -> Backends
  ) throws {
    switch driver.start(access.path, speed: speed, backends: backends) {
    case .driving(let clock): self.clock = clock
    case .failed(let reason): throw Stop.unknown(reason)
    case .refused(let reason):
      guard orWatch else { throw Stop.unknown(reason) }
      Console.error("another controller drives this store; handing the run to it, and watching from here")
    }
  }

  /// Asks for a run, of ourselves or of whoever drives.
  func start(_ request: StartRequest) throws -> RunID {
    let asking = Asking(store: try access.asking(), identity: identity)
    do {
      guard let run = try asking.ask(.start(request), isAlive: { self.driver.failure == nil }) else {
        throw Stop.unknown("the controller began no run")
      }
      return run
    } catch {
      stop()
      throw error
    }
  }

  /// Follows the run to its end, and ends with the code that its outcome means.
  func finish(_ id: RunID) throws {
    let follower = try Follower(try access.reading(), id)
    var screen = RunView(isLive: !view.plain && !view.output.isJSON, isVerbose: view.verbose)
    while true {
      try show(try follower.news(), follower, &screen)
      if let outcome = follower.outcome { return try conclude(outcome, follower) }
      if let failure = driver.failure, isDriving { throw Stop.unknown("the controller stopped: \(failure)") }
      if interrupt.take() > 0, try !goesOn(id, &screen) { return }
      usleep(50_000)
    }
  }

  private func show(_ sentences: [Sentence], _ follower: Follower, _ screen: inout RunView) throws {
    guard view.output.isJSON else { return screen.show(sentences, follower.chronicle, now: now) }
    for sentence in sentences where view.verbose || sentence.tone != .detail {
      try Console.jsonLine(TimelineLine(sentence))
    }
  }

  private var now: Timestamp {
    clock?.now ?? Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
  }

  func stop() { if isDriving { driver.stop() } }

  // MARK: The end

  private func conclude(_ outcome: Outcome, _ follower: Follower) throws {
    try summarize(follower)
    waitForOthers()
    stop()
    if outcome != .promoted { throw ExitCode.negative }
  }

  private func summarize(_ follower: Follower) throws {
    guard let run = follower.run, let record = try access.reading().run(run.id) else { return }
    let summary = RunSummary(record, now: now)
    if view.output.isJSON { return try Console.jsonLine(summary) }
    Console.print("")
    let phrase = run.outcome?.phrase ?? record.status.rawValue
    let took = Interval(milliseconds: Int64(summary.seconds * 1000)).rounded
    Console.print(
      Console.styled("run \(run.id) of \(record.pipeline): \(phrase)", .bold)
        + " after \(took), version \(record.version), stage \"\(record.stage ?? "")\"")
    Console.print("see it again: headgate show \(run.id)\(storeHint)")
  }

  private var storeHint: String { access.path == "headgate.db" ? "" : " --store \(access.path)" }

  /// Other runs in the store would have nobody to drive them: this terminal stays until they have ended.
  private func waitForOthers() {
    guard isDriving, driver.active > 0 else { return }
    Console.error("\(driver.active) other run(s) in this store are still in flight; staying until they end (Ctrl-C to leave)")
    while driver.active > 0, driver.failure == nil, interrupt.take() == 0 { usleep(100_000) }
  }

  // MARK: Ctrl-C

  /// - Returns: `false` to leave.
  private func goesOn(_ id: RunID, _ screen: inout RunView) throws -> Bool {
    screen.rest()
    guard isatty(STDIN_FILENO) == 1, Console.isTerminal else { return detach(id) }
    Console.print("\n[p]ause, [a]bort and roll back, [d]etach and leave it as it is, [c]ontinue?")
    switch readLine()?.first?.lowercased() {
    case "p": act(.pause, on: id)
    case "a": act(.abort, on: id)
    case "d", nil: return detach(id)
    default: break
    }
    return true
  }

  private func detach(_ id: RunID) -> Bool {
    stop()
    Console.print(
      isDriving
        ? "detached: nobody drives run \(id) now. Go on with: headgate attach \(id)\(storeHint)"
        : "run \(id) goes on without this terminal: headgate watch \(id)\(storeHint)")
    return false
  }

  private func act(_ act: Act, on id: RunID) {
    do {
      _ = try Asking(store: try access.asking(), identity: identity).ask(.act(id, act))
    } catch {
      Console.error("\(error)")
    }
  }
}
