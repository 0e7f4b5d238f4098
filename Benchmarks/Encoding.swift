import Controller
import Engine
import PipelineModel

/// The canonical encoding by itself: entries as a controller writes them.
func measureEncoding() throws -> [Figure] {
  var workload = Workload(
    after: JournalHead(sequence: 0, time: Timestamp(milliseconds: 0), run: 0, epoch: 1, store: ""), runs: 1000)
  let entries = (0..<20).flatMap { _ in workload.batch(of: 1000).entries }
  let encoded = entries.map(\.canonical)
  let size = Double(encoded.reduce(0) { $0 + $1.count }) / Double(entries.count)
  var (writing, reading): ([Double], [Double]) = ([], [])
  for _ in 0..<9 {
    var out = JournalWriter(capacity: 1 << 16)
    writing.append(
      Spent.on {
        for entry in entries {
          out.bytes.removeAll(keepingCapacity: true)
          entry.write(to: &out)
        }
      }.cpu)
    reading.append(
      try Spent.on {
        for bytes in encoded { _ = try Entry(canonical: bytes) }
      }.cpu)
  }
  let each = 1e9 / Double(entries.count)
  return [
    Figure(name: "encoding/size", value: size, unit: "bytes/entry", goal: "-"),
    Figure(name: "encoding/write", value: writing.median * each, unit: "ns CPU/entry", goal: "-"),
    Figure(name: "encoding/read", value: reading.median * each, unit: "ns CPU/entry", goal: "-"),
  ]
}
