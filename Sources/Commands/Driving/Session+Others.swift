import ArgumentParser
import Controller
import Foundation
import Narrative
import PipelineModel
import SQLiteStore

/// Runs beside the one that a terminal is for. Whoever drives one run of a store drives them all, so nobody leaves
/// silently while there are some.
extension Session {
  /// Runs that this process drives beside the one it shows.
  var others: Int { isDriving ? max(0, driver.active - 1) : 0 }

  /// What goes wrong before there is a run to follow ends the driving too, but not before what else has been gone on with
  /// needs nobody any more.
  func orStay<Value>(_ work: () throws -> Value) throws -> Value {
    do {
      return try work()
    } catch {
      if let failure = driver.failure {
        stop()
        throw Stop.unknown("the controller stopped: \(failure)")
      }
      guard isDriving, driver.active > 0 else {
        endDriving()
        throw error
      }
      let refusal = error as? Stop ?? .unknown("\(error)")
      Console.error("headgate: \(refusal.description)")
      stayForOthers()
      endDriving()
      throw refusal.code
    }
  }

  /// Other runs in the store would have nobody to drive them: this terminal stays until they have ended.
  func stayForOthers() {
    guard isDriving, driver.active > 0 else { return }
    Console.error(
      "\(inFlight) still in flight; staying until the end, so that somebody drives (Ctrl-C leaves)")
    var needs = Needs(left: Set(waiting.map(\.id)))
    while driver.active > 0, driver.failure == nil, interrupt.take() == nil {
      needs.tell(access)
      usleep(100_000)
    }
  }

  /// Stops to drive, and tells what became of runs that were found in flight, and which have nobody now.
  ///
  /// - Parameter own: the run that this terminal was for, if any: of that one all has been said.
  func endDriving(besides own: RunID? = nil) {
    let leavesSome = isDriving && driver.active > 0
    let failure = driver.failure
    stop()
    guard isDriving else { return }
    if let failure { Console.error("headgate: the controller stopped: \(failure)") }
    tellOthers(besides: own, all: leavesSome)
    tellWaiting()
  }

  /// In a store that this process left with its queue as it was.
  func tellWaiting() {
    let waiting = waiting
    guard let first = waiting.first else { return }
    let who = waiting.count == 1 ? "\(first.name) still waits" : "\(waiting.count) runs still wait"
    let which = waiting.count == 1 ? "" : " (\(waiting.shownFew { "\($0.id) of \($0.pipeline)" }))"
    let it = waiting.count == 1 ? "it is" : "they are"
    Console.error("\(who) for a turn\(which); \(it) begun by: \(access.attach(first.id, rehearsal))")
  }

  /// Those that nobody begins while this process drives.
  private var waiting: [RunRecord] {
    guard isDriving, leavesQueued else { return [] }
    return ((try? access.reading().runs(RunFilter(status: [.queued]))) ?? []).sorted { $0.id < $1.id }
  }

  /// As many as a person would read of.
  var unfinished: [RunRecord] { (try? access.reading().unfinished(youngest: 200)) ?? [] }

  /// The runs that this process drives, with their verb.
  private var inFlight: String {
    let runs = unfinished.filter { !leavesQueued || $0.status != .queued }
    if runs.count == 1, let only = runs.first { return "\(only.name) is" }
    return driver.active == 1 ? "another run in this store is" : "\(driver.active) runs in this store are"
  }

  /// - Parameter all: also those that did not move; they were driven, and are not any more.
  private func tellOthers(besides own: RunID?, all: Bool) {
    guard all || !found.isEmpty, let store = try? access.reading() else { return }
    let known = Set(found.map(\.id))
    let late = all ? unfinished.filter { !known.contains($0.id) } : []
    for former in found + late where former.id != own {
      guard let record = try? store.run(former.id) else { continue }
      let next = record.status.hasEnded ? "" : ", and nobody drives it now: \(access.attach(record.id, rehearsal))"
      if record.hasMoved(since: former) {
        Console.error(
          "\(record.name) went on meanwhile, since this process drove the store: it is \(record.status.rawValue) at "
            + "\(record.weight)\(next)")
      } else if all, !record.status.hasEnded, !leavesQueued || record.status != .queued {
        Console.error("\(record.name) is \(record.status.rawValue) at \(record.weight)\(next)")
      }
    }
  }
}

/// Runs that do not go on by themselves, so that nobody waits for them without knowing.
private struct Needs {
  /// Those that wait for a turn, and get none while this process drives.
  let left: Set<RunID>
  private var seen: [RunID: Int64] = [:]
  private var told: [RunID: String] = [:]
  private var nextLook = ContinuousClock.now

  init(left: Set<RunID>) { self.left = left }

  /// Tells what is new since the last call, if it is time for a look.
  mutating func tell(_ access: StoreAccess) {
    guard ContinuousClock.now >= nextLook, let store = try? access.reading() else { return }
    nextLook = .now + .seconds(2)
    for run in (try? store.unfinished(youngest: 20)) ?? [] where seen[run.id] != run.last {
      seen[run.id] = run.last
      let isLeft = run.status == .queued && left.contains(run.id)
      let need = isLeft ? "waits for its turn, and is not begun from here" : try? need(of: run, store)
      if let need, told[run.id] != need { Console.error("\(run.name): \(need)") }
      told[run.id] = need
    }
  }

  private func need(of run: RunRecord, _ store: ReadingStore) throws -> String? {
    try store.chronicle(of: run).0.run?.need
  }
}

extension RunRecord {
  fileprivate var name: String { "run \(id) of \(pipeline)" }

  /// Whether more became of it than that something was looked at or refused.
  fileprivate func hasMoved(since former: RunRecord) -> Bool {
    (status, stage, weight, endedAt) != (former.status, former.stage, former.weight, former.endedAt)
  }
}

extension [RunRecord] {
  /// The first ones, with a word on how many more there are.
  fileprivate func shownFew(_ show: (RunRecord) -> String) -> String {
    let few = prefix(10).map(show).joined(separator: ", ")
    return count > 10 ? "\(few) and \(count - 10) more" : few
  }
}
