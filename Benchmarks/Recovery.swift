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
  try conductor.resume(now: noon)
  try start(runs, conductor)
  let grown = Machine.residentBytes - before
  guard conductor.activeRuns == runs else { throw Unexpected("\(conductor.activeRuns) runs are active") }
  return [
    Figure(
      name: "memory/an active run of \(runs)", value: Double(grown) / Double(runs) / 1024, unit: "KiB", peer: nil,
      goal: "<= 20")
  ]
}

/// How long a new controller takes until every run in flight goes on, its store opened included.
func measureRecovery() throws -> [Figure] {
  let thousand = try (0..<5).map { _ in try recovery(of: 1000) }.median
  let many = try recovery(of: 100_000)
  return [
    Figure(name: "recovery/1000 runs in flight", value: thousand, unit: "s", peer: nil, goal: "<= 0.3"),
    Figure(name: "recovery/100000 runs in flight", value: many, unit: "s", peer: nil, goal: "<= 3"),
    Figure(
      name: "recovery/a run of 100000", value: many / 100_000 * 1e6, unit: "us",
      peer: ("a run of 1000", thousand / 1000 * 1e6), goal: "ratio ~ 1"),
  ]
}

private let noon = Timestamp(milliseconds: 1_795_266_300_000)

private func recovery(of runs: Int) throws -> Double {
  let folder = try ScratchFolder()
  do {
    let store = try Store.openForDriving(folder.file("store.db"))
    defer { store.close() }
    let conductor = try conductor(on: store)
    try conductor.resume(now: noon)
    try start(runs, conductor)
    // Ten looks each, in turns, as they come when many runs go on at once.
    for look in 1...10 as ClosedRange<Int64> {
      try inTurns(runs) {
        .fact(RunID(Int64($0)), .measured(EffectID(Int(look) + 1), .answer(.number(0.01))))
      } turn: {
        try conductor.turn($0, now: noon + .minutes(look))
      }
    }
  }
  return try Spent.on {
    let store = try Store.openForDriving(folder.file("store.db"))
    let conductor = try conductor(on: store)
    try conductor.resume(now: noon + .minutes(12))
    guard conductor.activeRuns == runs, conductor.setAside.isEmpty else {
      throw Unexpected("\(conductor.activeRuns) runs were taken up")
    }
  }.seconds
}

private func conductor(on store: DrivingStore) throws -> Conductor {
  try Conductor(
    journal: store, compiler: NameCompiler(make: Services.slow), sink: NoSink(), log: Logger(label: "bench"))
}

/// Starts runs and lets their first shift be done.
private func start(_ runs: Int, _ conductor: Conductor) throws {
  try inTurns(runs) {
    .request(Request.start($0))
  } turn: {
    try conductor.turn($0, now: noon)
  }
  try inTurns(runs) {
    .fact(RunID(Int64($0)), .shifted(EffectID(1)))
  } turn: {
    try conductor.turn($0, now: noon)
  }
}

private func inTurns(_ runs: Int, _ inbound: (Int) -> Inbound, turn: ([Inbound]) throws -> Void) throws {
  for first in stride(from: 1, through: runs, by: 1000) {
    try turn((first...min(runs, first + 999)).map(inbound))
  }
}
