import Controller
import Engine
import Foundation
import Logging
import PipelineModel
import SQLiteStore

/// What an active run weighs in memory.
func measureMemory() throws -> [Figure] {
  let runs = 10_000
  let folder = try ScratchFolder()
  let store = try Store.openForDriving(folder.file("store.db"))
  let before = Machine.residentBytes
  let conductor = try conductor(on: store)
  try conductor.resume(now: .noon)
  try conductor.start(runs) { Request.start($0) }
  let grown = Machine.residentBytes - before
  guard conductor.activeRuns == runs else { throw Unexpected("\(conductor.activeRuns) runs are active") }
  return [
    Figure(
      name: "memory/an active run of \(runs)", value: Double(grown) / Double(runs) / 1024, unit: "KiB", peer: nil,
      goal: "<= 20")
  ]
}

/// How long after kill -9 a new controller takes until every run in flight goes on, opening the store included.
///
/// A target has one run in flight and a pipeline names its target, so there are as many pipelines as runs. With the real
/// compiler each is read from its text; beside it stands the same with pipelines that need no reading, which is what
/// the journal alone takes.
func measureRecovery() throws -> [Figure] {
  let thousand = try Recovery(of: 1000, times: 5)
  let many = try Recovery(of: 100_000, times: 1)
  return thousand.figures(goal: "<= 0.3") + many.figures(goal: "<= 3") + [
    Figure(
      name: "recovery/a run of 100000", value: many.journal / 100_000 * 1e6, unit: "us",
      peer: ("a run of 1000", thousand.journal / 1000 * 1e6), goal: "ratio ~ 1")
  ]
}

private struct Recovery {
  private let runs: Int
  /// Seconds: with the real compiler, and without what it takes.
  private let whole: Double
  let journal: Double

  init(of runs: Int, times: Int) throws {
    self.runs = runs
    var (whole, journal): ([Double], [Double]) = ([], [])
    for _ in 0..<times {
      whole.append(try seconds(toResume: runs, ParsingCompiler()))
      journal.append(try seconds(toResume: runs, NameCompiler(make: Services.slow)))
    }
    (self.whole, self.journal) = (whole.median, journal.median)
  }

  func figures(goal: String) -> [Figure] {
    [
      Figure(name: "recovery/\(runs) runs, each of its own pipeline", value: whole, unit: "s", peer: nil, goal: goal),
      Figure(name: "recovery/\(runs) runs, pipelines read before", value: journal, unit: "s", peer: nil, goal: goal),
    ]
  }
}

/// From a store that a killed controller left.
private func seconds(toResume runs: Int, _ compiler: any PipelineCompiler) throws -> Double {
  let folder = try ScratchFolder()
  let path = folder.file("store.db")
  try InFlight(runs, in: path).leave()
  let orders = CountingSink()
  // Kept beyond the time that is measured: to let go of all runs at once is no part of taking them up.
  var taken: Conductor?
  let seconds = try Spent.on {
    let store = try Store.openForDriving(path)
    let conductor = try Conductor(journal: store, compiler: compiler, sink: orders, log: Logger(label: "bench"))
    try conductor.resume(now: .noon + .hours(1))
    taken = conductor
  }.seconds
  guard let taken, taken.activeRuns == runs, taken.setAside.isEmpty, orders.count == runs else {
    throw Unexpected("\(taken?.activeRuns ?? 0) runs were taken up, with \(orders.count) looks")
  }
  return seconds
}

private func conductor(on store: DrivingStore) throws -> Conductor {
  try Conductor(
    journal: store, compiler: NameCompiler(make: Services.slow), sink: NoSink(), log: Logger(label: "bench"))
}
