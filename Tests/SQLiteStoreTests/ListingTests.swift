import Controller
import Crypto
import Engine
import Foundation
import PipelineModel
import Testing

@testable import SQLiteStore

// Lists and exports show exactly what the filter lets through, and history finds the runs.

@Suite struct ListingTests {
  private let folder: Folder
  private let entries: [Entry]
  private let reading: ReadingStore

  init() throws {
    folder = try Folder()
    entries = try Deployments.fill(folder.store)
    reading = try Store.openForReading(folder.store)
  }

  private func list(_ filter: EntryFilter) throws -> [Entry] {
    var found: [Entry] = []
    try reading.forEachEntry(filter) { line in
      #expect(line.canonical == line.entry.canonical)
      found.append(line.entry)
      return true
    }
    return found
  }

  private func service(of entry: Entry) -> String? {
    entry.run.map { $0.number.isMultiple(of: 2) ? "search" : "checkout-api" }
  }

  @Test func `each filter lets through what it says`() throws {
    #expect(try list(EntryFilter()) == entries)
    #expect(try list(EntryFilter(newestFirst: true)) == entries.reversed())
    #expect(try list(EntryFilter(run: RunID(3))) == entries.filter { $0.run == RunID(3) })
    #expect(try list(EntryFilter(run: RunID(3), newestFirst: true)) == entries.filter { $0.run == RunID(3) }.reversed())
    #expect(try list(EntryFilter(service: "search")) == entries.filter { service(of: $0) == "search" })
    #expect(try list(EntryFilter(service: "search", environment: "staging")) == [])
    #expect(try list(EntryFilter(actor: "alice")) == entries.filter { $0.actor == .person("alice") })
    #expect(try list(EntryFilter(actor: "person:alice")).count == 5)
    #expect(try list(EntryFilter(actor: "token:alice")) == [])
    for kind in Fact.Kind.allCases {
      #expect(try list(EntryFilter(kind: kind)) == entries.filter { $0.fact.kind == kind })
    }
    #expect(try list(EntryFilter(service: "search", kind: .measured, limit: 3, newestFirst: true)).count == 3)
    #expect(try list(EntryFilter(limit: 0)) == [])
    for number in [Int64.max, Int64.max - 1, 0, -1] { #expect(try list(EntryFilter(run: RunID(number))) == []) }
  }

  @Test func `a period holds its beginning and not its end`() throws {
    let times = entries.map(\.time) + [Timestamp(milliseconds: 0), .distantFuture]
    for from in times {
      for to in [times[4], times[20], .distantFuture] {
        let expected = entries.filter { from <= $0.time && $0.time < to }
        #expect(try list(EntryFilter(from: from, to: to)) == expected)
        #expect(try list(EntryFilter(from: from, to: to, run: RunID(2))) == expected.filter { $0.run == RunID(2) })
      }
    }
  }

  private func export(_ format: Audit.Format, _ filter: EntryFilter = EntryFilter()) throws -> String {
    var bytes: [UInt8] = []
    try Audit.export(reading, filter, as: format) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `the hash chain can be recomputed from exported lines`() throws {
    var previous = Data(count: 32)
    let lines = try export(.jsonLines).split(separator: "\n")
    #expect(lines.count == entries.count)
    for (line, entry) in zip(lines, entries) {
      let cut = try #require(line.range(of: ",\"hash\":\"", options: .backwards))
      let canonical = line[..<cut.lowerBound] + "}"
      #expect(Array(canonical.utf8) == entry.canonical)
      previous = Data(SHA256.hash(data: previous + Data(canonical.utf8)))
      #expect(
        line[cut.upperBound...].dropLast(2)
          == previous.map { String(($0 >> 4), radix: 16) + String($0 & 15, radix: 16) }.joined())
    }
  }

  @Test func `CSV quotes what must be quoted and lets no cell be a formula`() throws {
    let path = folder.file("csv.db")
    let store = try Store.openForDriving(path)
    let reasons = ["=1+1", "+1", "-1", "@x", "\tx", "\r=x", " =x", "plain", "a,b", "say \"go\"", "two\nlines", "ü"]
    let entries = reasons.enumerated().map { index, reason in
      Entry(
        sequence: Int64(index + 1), time: Timestamp(milliseconds: 0), run: nil, reason: reason,
        fact: .controllerStarted(epoch: 1))
    }
    try store.append(Batch(entries: entries))
    var bytes: [UInt8] = []
    #expect(try Audit.export(Store.openForReading(path), as: .csv) { bytes += $0 } == reasons.count)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(
      text.hasPrefix(
        "seq,time,run,service,environment,actor,origin,reason,kind,fact,decided,hash\r\n1,1970-01-01T00:00:00.000Z,,,,controller:headgate,controller,'=1+1,controllerStarted,\"{\"\"kind\"\":\"\"controllerStarted\"\",\"\"epoch\"\":1}\",,"
      ))
    for cell in [
      ",'=1+1,", ",'+1,", ",'-1,", ",'@x,", ",'\tx,", ",\"'\r=x\",", ",' =x,", ",plain,", ",\"a,b\",",
      ",\"say \"\"go\"\"\",", ",\"two\nlines\",", ",ü,",
    ] {
      #expect(text.utf8.firstRange(of: cell.utf8) != nil, "\(cell)")
    }
  }

  @Test func `history finds runs by service, end, person and time, the newest first`() throws {
    let all = try reading.runs()
    #expect(all.map(\.id.number) == [5, 4, 3, 2, 1])
    #expect(try reading.runs(RunFilter(service: "search")).map(\.id.number) == [4, 2])
    #expect(try reading.runs(RunFilter(environment: "staging")) == [])
    #expect(try reading.runs(RunFilter(status: [.rolledBack])).map(\.id.number) == [3])
    #expect(try reading.runs(RunFilter(status: [.promoted, .running])).map(\.id.number) == [5, 4, 2, 1])
    #expect(try reading.runs(RunFilter(status: [])) == [])
    #expect(try reading.runs(RunFilter(startedBy: "alice", limit: 2)).map(\.id.number) == [5, 4])
    #expect(try reading.runs(RunFilter(startedBy: "person:alice")).count == 5)
    #expect(try reading.runs(RunFilter(startedBy: "bob")) == [])
    let middle = try #require(all.first { $0.id == RunID(3) }).startedAt
    #expect(try reading.runs(RunFilter(from: middle)).map(\.id.number) == [5, 4, 3])
    #expect(try reading.runs(RunFilter(to: middle)).map(\.id.number) == [2, 1])
    #expect(try reading.run(RunID(3)) == all.first { $0.id == RunID(3) })
    #expect(try reading.run(RunID(9)) == nil)
  }
}
