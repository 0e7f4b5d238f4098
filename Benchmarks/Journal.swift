import Controller
import Engine
import PipelineModel
import SQLiteStore

/// Appends in groups, beside the same rows through bare SQLite in turns; then on a journal of a million entries beside
/// an empty one.
func measureJournal() throws -> [Figure] {
  var figures: [Figure] = []
  for (group, rounds) in [(1, 1000), (100, 200), (1000, 40)] {
    figures += try appends(in: group, rounds: rounds)
  }
  return try figures + appendsToAMillion()
}

private func appends(in group: Int, rounds: Int) throws -> [Figure] {
  let folder = try ScratchFolder()
  let store = try Store.openForDriving(folder.file("store.db"))
  var workload = Workload(after: store.head, runs: 1000)
  try store.append(workload.batch(of: 1000))
  // The peer's file is a copy of the store as it is now: the same tables, runs and pages.
  store.close()
  try copyFile(folder.file("store.db"), to: folder.file("bare.db"))
  let ours = try Store.openForDriving(folder.file("store.db"))
  let bare = try BareSQLite(folder.file("bare.db"))
  var (own, peer): ([Spent], [Spent]) = ([], [])
  for _ in 0..<7 {
    let batches = (0..<rounds).map { _ in workload.batch(of: group) }
    let rows = batches.map { BareSQLite.Rows($0) }
    own.append(try Spent.on { for batch in batches { try ours.append(batch) } })
    peer.append(try Spent.on { for batch in rows { try bare.append(batch) } })
  }
  let count = Double(group * rounds)
  return [
    Figure(
      name: "journal/groups of \(group)", value: count / own.map(\.seconds).median, unit: "entries/s",
      peer: ("bare SQLite", count / peer.map(\.seconds).median), goal: "ratio >= 0.5"),
    Figure(
      name: "journal/groups of \(group), CPU", value: own.map(\.cpu).median / count * 1e6, unit: "us CPU/entry",
      peer: ("bare SQLite", peer.map(\.cpu).median / count * 1e6), goal: group == 1 ? "-" : "<= 5"),
  ]
}

private func appendsToAMillion() throws -> [Figure] {
  let folder = try ScratchFolder()
  let small = try Store.openForDriving(folder.file("small.db"))
  let large = try Store.openForDriving(folder.file("large.db"))
  var (few, many) = (Workload(after: small.head, runs: 1000), Workload(after: large.head, runs: 1000))
  for _ in 0..<1000 { try large.append(many.batch(of: 1000)) }
  try small.append(few.batch(of: 1000))
  var (onFew, onMany): ([Double], [Double]) = ([], [])
  for _ in 0..<9 {
    let (first, second) = ((0..<200).map { _ in few.batch(of: 100) }, (0..<200).map { _ in many.batch(of: 100) })
    onFew.append(try Spent.on { for batch in first { try small.append(batch) } }.seconds)
    onMany.append(try Spent.on { for batch in second { try large.append(batch) } }.seconds)
  }
  return [
    Figure(
      name: "journal/at a million entries", value: 20_000 / onMany.median, unit: "entries/s",
      peer: ("at none", 20_000 / onFew.median), goal: "ratio ~ 1")
  ]
}

extension BareSQLite.Rows {
  init(_ batch: Batch) {
    entries = batch.entries.map { ($0.sequence, $0.canonical, [UInt8](repeating: 7, count: 32)) }
    progress = batch.progress + batch.begun.map(\.progress)
  }
}
