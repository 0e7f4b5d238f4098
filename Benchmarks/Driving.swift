import Controller
import Engine
import Logging
import PipelineModel
import SQLiteStore

/// A thousand runs at once through the real controller, dispatcher and store: every fact durable before its effect.
func measureDriving() throws -> [Figure] {
  let runs = 1000
  let steps = Double(runs * Services.stepsOfARun)
  let spent = try driveAtOnce(runs, Instant.backends)
  let waited = try driveAtOnce(runs, Elsewhere.backends)
  return [
    Figure(
      name: "driving/\(runs) runs at once", value: steps / spent.map(\.seconds).median, unit: "steps/s",
      peer: Peer.measure("spiff_sqlite.py").map { ("SpiffWorkflow with SQLite", $0) }, goal: ">= 100000"),
    Figure(
      name: "driving/\(runs) runs at once, CPU", value: spent.map(\.cpu).median / steps * 1e6, unit: "us CPU/step",
      peer: nil, goal: "<= 8"),
    Figure(
      name: "driving/\(runs) runs at once, backends waited for", value: steps / waited.map(\.seconds).median,
      unit: "steps/s", peer: nil, goal: "-"),
    Figure(
      name: "driving/\(runs) runs at once, backends waited for, CPU", value: waited.map(\.cpu).median / steps * 1e6,
      unit: "us CPU/step", peer: nil, goal: "-"),
  ]
}

private func driveAtOnce(_ runs: Int, _ backends: Backends) throws -> [Spent] {
  try (0..<5).map { _ in
    let drive = try Drive(NameCompiler(make: Services.pipeline), runs: runs, backends)
    let spent = try drive.run()
    let steps = try drive.steps()
    guard steps == Int64(runs * Services.stepsOfARun) else { throw Unexpected("\(steps) steps were taken") }
    return spent
  }
}

/// One run alone, a commit a step, beside how often the disk syncs and how often bare SQLite commits.
func measureAlone() throws -> [Figure] {
  let weights = 500
  let folder = try ScratchFolder()
  let disk = try SyncLoop(folder.file("plain"))
  let log = try SyncLoop(folder.file("log"), writing: 3)
  var (own, syncs, logs, commits): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
  for _ in 0..<5 {
    let drive = try Drive(NameCompiler { Services.long($0, weights: weights) }, runs: 1)
    own.append(try drive.run().seconds)
    syncs.append(try Spent.on { try disk.run(weights) }.seconds)
    logs.append(try Spent.on { try log.run(weights) }.seconds)
    commits.append(try drive.bareCommits(weights))
  }
  let steps = Double(weights)
  return [
    Figure(
      name: "driving/one run alone", value: steps / own.median, unit: "steps/s",
      peer: ("write and fdatasync of 4 KiB", steps / syncs.median), goal: "ratio >= 0.8"),
    Figure(
      name: "driving/one run alone", value: steps / own.median, unit: "steps/s",
      peer: ("write and fdatasync of the three pages of a commit", steps / logs.median), goal: "-"),
    Figure(
      name: "driving/one run alone", value: steps / own.median, unit: "steps/s",
      peer: ("bare SQLite, a commit a step", steps / commits.median), goal: "-"),
  ]
}

struct Unexpected: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// A store with its controller and instant backends.
private final class Drive {
  private let folder: ScratchFolder
  private let compiler: NameCompiler
  private let runs: Int
  private let backends: Backends

  init(_ compiler: NameCompiler, runs: Int, _ backends: Backends = Instant.backends) throws {
    folder = try ScratchFolder()
    self.backends = backends
    self.compiler = compiler
    self.runs = runs
  }

  /// Starts the runs, and drives until every one has ended.
  func run() throws -> Spent {
    let store = try Store.openForDriving(folder.file("store.db"))
    defer { store.close() }
    let inbox = Inbox()
    let clock = Clock(wall: Timestamp(milliseconds: 1_795_266_300_000), notBefore: store.head.time, speed: 1000)
    let dispatcher = Dispatcher(backends: backends, inbox: inbox, clock: clock)
    let controller = try Controller(
      journal: store, compiler: compiler, sink: dispatcher, inbox: inbox, clock: clock, log: Logger(label: "bench"))
    defer { dispatcher.close() }
    for number in 1...runs { inbox.put(.request(Request.start(number))) }
    return try Spent.on { try controller.drive { $0.activeRuns == 0 } }
  }

  /// Entries after those that start the runs.
  func steps() throws -> Int64 {
    let store = try Store.openForReading(folder.file("store.db"))
    // The controller's start; for each run its definition and its start.
    return try store.head().sequence - 1 - 2 * Int64(runs)
  }

  /// Seconds for so many transactions of one entry and one run's record through bare SQLite.
  func bareCommits(_ count: Int) throws -> Double {
    let path = folder.file("bare.db")
    let store = try Store.openForDriving(path)
    var workload = Workload(after: store.head, runs: 1)
    try store.append(workload.batch(of: 1))
    store.close()
    let bare = try BareSQLite(path)
    let rows = (0..<count).map { _ in BareSQLite.Rows(workload.batch(of: 1)) }
    return try Spent.on { for batch in rows { try bare.append(batch) } }.seconds
  }
}
