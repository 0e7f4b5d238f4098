import Controller
import Engine
import PipelineModel
import SQLiteStore

/// The time line of one service in a journal of a million entries of a thousand services: finding what it shows, and
/// reading the run it is of; beside it a pass over the journal for the same service.
func measureTimeline() throws -> [Figure] {
  let folder = try ScratchFolder()
  let path = folder.file("store.db")
  let store = try Store.openForDriving(path)
  var workload = Workload(after: store.head, runs: 1000)
  for _ in 0..<1000 { try store.append(workload.batch(of: 1000)) }
  store.close()
  let reading = try Store.openForReading(path)
  var (finding, following): ([Double], [Double]) = ([], [])
  for number in 1...200 {
    let service = "service-\(number * 5)"
    var rows: [MomentRow] = []
    finding.append(try Spent.on { rows = try reading.moments(MomentFilter(service: service)) }.cpu * 1e6)
    guard let row = rows.last, let run = row.run, let last = try reading.run(run)?.last else {
      throw Unexpected("\(service) has no moments")
    }
    following.append(try Spent.on { _ = try reading.entries(of: run, upTo: last) }.cpu * 1e3)
  }
  let pass = try Spent.on { try reading.forEachEntry(EntryFilter(service: "service-7")) { _ in true } }.cpu * 1e6
  return [
    Figure(
      name: "timeline/a service's moments among a million entries", value: finding.median, unit: "us CPU",
      peer: ("a pass over the journal", pass), goal: "ratio <= 0.01"),
    Figure(name: "timeline/a run of a thousand entries, read", value: following.median, unit: "ms CPU", goal: "-"),
  ]
}
