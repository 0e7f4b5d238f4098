import Controller
import Engine
import Flags
import PipelineModel
import SQLiteStore

/// Ten thousand flags in a store, five revisions each: what a controller that starts needs to have them all, and what a
/// server needs to have those of their environment, compiled.
func measureFlagLedgers() throws -> [Figure] {
  let folder = try ScratchFolder()
  let path = folder.file("store.db")
  let count = 10_000
  try fill(path, with: count)
  let store = try Store.openForDriving(path)
  defer { store.close() }
  var ledger = FlagLedger()
  let restoring = try (0..<5).map { _ in try Spent.on { ledger = FlagLedger(try store.flags()) }.cpu * 1e3 }
  guard ledger.flags.count == count else { throw Unexpected("\(ledger.flags.count) flags were restored") }
  let reading = try Store.openForReading(path)
  var compiled = 0
  let serving = try (0..<5).map { _ in
    try Spent.on {
      let heads = try reading.flags(environment: "production")
      compiled = heads.count { $0.revision.compiles }
    }.cpu * 1e3
  }
  guard compiled == count else { throw Unexpected("\(compiled) flags were compiled") }
  return [
    Figure(name: "flag ledger/10 000 flags restored", value: restoring.median, unit: "ms CPU", goal: "<= 200"),
    Figure(name: "flag ledger/the same read and compiled one by one", value: serving.median, unit: "ms CPU", goal: "-"),
  ]
}

private func fill(_ path: String, with count: Int) throws {
  let store = try Store.openForDriving(path)
  defer { store.close() }
  var sequence = store.head.sequence
  var heads = (0..<count).map { number in
    FlagRevision(
      name: FlagName(environment: "production", key: "checkout-flag-\(number)"), number: 1, change: .created,
      definition: #"{"defaultVariant":"off","state":"ENABLED","targeting":{"if":[{"in":[{"var":"country"},"#
        + #"["de","at","ch"]]},{"fractional":[["on",\#(number % 100)],["off",100]]},null]},"#
        + #""variants":{"off":false,"on":true}}"#,
      contract: FlagContract(owner: "checkout", purpose: "flag \(number)", services: ["checkout-api"]))
  }
  for _ in 0..<5 {
    let entries = heads.map { revision in
      sequence += 1
      return Entry(
        sequence: sequence, time: Timestamp(milliseconds: 1_795_262_400_000 + sequence), run: nil,
        actor: .person("ada"), origin: "bench", fact: .flag(.revised(revision)))
    }
    try store.append(Batch(entries: entries))
    for index in heads.indices { heads[index] = heads[index].next(.changed) }
  }
}

extension FlagRevision {
  fileprivate var compiles: Bool {
    (try? FlagDefinition(text: definition))?.reading(key: name.key, generation).set?.flags.isEmpty == false
  }
}
