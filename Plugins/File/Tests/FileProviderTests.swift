import Foundation
import Glibc
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import FilePlugin

/// A file answers with what it recorded for the time that is asked about, and never with a line that is half written.
@Suite struct FileProviderTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "headgate-file-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  private func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: folder.appending(path: name))
    return folder.appending(path: name).path
  }

  private func provider(_ path: String, _ more: [String: Settings.Value] = [:]) throws(Failure) -> any MetricProvider {
    let context = BackendContext(
      secret: { _ in "" }, stateDirectory: "/", baseDirectory: folder.path, now: { Timestamp(milliseconds: 0) })
    let settings = Settings(["path": .text(path)].merging(more) { _, new in new })
    return try BackendFactory<any MetricProvider>.file.make(
      Backend(name: "log", kind: "file", settings: settings), context)
  }

  /// - Parameter at: seconds since the recording's first line.
  private func query(_ text: String, at seconds: Int64, over: Interval = .minutes(1), range: Metric.Range? = nil)
    -> MetricQuery
  {
    MetricQuery(
      metric: "errors", text: text, range: range, at: Timestamp(milliseconds: (1_700_000_000 + seconds) * 1000),
      timeout: .seconds(5), interval: over)
  }

  private static let table = """
    time,version,errors,requests,note
    1700000000,v1,1,100,"a, ""b""
    c"
    1700000060,v2,5,50,
    1700000030,v1,2,100,x
    2023-11-14T22:14:50Z,v1,3,100,
    1700000100,v1,,,
    1700000110,v1,9,1
    """

  private var cases: [ProviderHarness.Case] {
    [
      .init(query("errors", at: 0), .answer(.number(1))), .init(query("errors", at: 35), .answer(.number(2))),
      .init(query("sum(errors)", at: 59), .answer(.number(3))),
      .init(query("sum(errors) where version = v1", at: 90), .answer(.number(3))),
      .init(query("sum(errors) / sum(requests) where version = v1", at: 59), .answer(.number(0.015))),
      .init(query("sum(errors)/sum(requests) where version=\"v2\" and errors = 5.0", at: 60), .answer(.list([]))),
      .init(query("count(errors)", at: 90, over: .minutes(2)), .answer(.number(4))),
      .init(query("max(errors)", at: 90, over: .minutes(2)), .answer(.number(5))),
      .init(query("avg(errors)", at: 90, over: .minutes(2)), .answer(.number(2.75))),
      .init(query("min(errors)", at: 90, over: .minutes(2)), .answer(.number(1))),
      .init(query("note", at: 0), .answer(.number(.nan))), .init(query("errors", at: -1), .answer(.list([]))),
      .init(query("errors", at: 100, over: .seconds(5)), .answer(.list([]))),
      .init(query("sum(errors) where version = v9", at: 60), .answer(.list([]))),
      .init(
        query("sum(errors)", at: 90, range: .init(over: .seconds(90), step: .seconds(30))),
        .answer(.list([.number(1), .number(2), .number(5), .number(3)]))),
      .init(
        query("sum(errors)", at: 20, range: .init(over: .seconds(20), step: .seconds(10))),
        .answer(.list([.number(1), .null, .null]))),
      .init(query("misses", at: 60), .failure(.rejected)), .init(query("median(errors)", at: 60), .failure(.rejected)),
      .init(query("errors where version", at: 60), .failure(.rejected)),
      .init(query("a b", at: 60), .failure(.rejected)),
    ]
  }

  @Test func `a table answers by time, and its unfinished last line is not there yet`() async throws {
    let path = try write(Self.table, to: "a.csv")
    await verifyProvider(ProviderHarness(provider: try provider(path), cases: cases, absent: try provider("no.csv")))
  }

  @Test func `JSON Lines answer too, members of members by their way`() async throws {
    _ = try write(
      """
      {"time": 1700000000000, "latency": {"p95": 0.2}, "ok": true, "version": 7}

      {"time": "2023-11-14T22:13:30.500Z", "latency": {"p95": 0.4}, "ok": false, "version": 7}

      """, to: "a.jsonl")
    let provider = try provider("a.jsonl")
    for (text, expected) in [
      ("latency.p95", Answer.number(0.4)), ("max(latency.p95) where ok = true", .number(0.2)),
      ("count(latency.p95) where version = 7", .number(2)),
    ] {
      #expect(try await provider.sample(query(text, at: 20)) == expected)
    }
  }

  @Test func `a file that grows is read anew`() async throws {
    let path = try write("time,errors\n1700000000,1\n", to: "b.csv")
    let provider = try provider(path)
    #expect(try await provider.sample(query("errors", at: 30)) == .number(1))
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Data("1700000010,25".utf8))
    #expect(try await provider.sample(query("errors", at: 30)) == .number(1))
    try file.write(contentsOf: Data("0\n".utf8))
    #expect(try await provider.sample(query("errors", at: 30)) == .number(250))
  }

  @Test func `a replay happens when it is told to, once or again and again`() async throws {
    let path = try write("t,errors\n60,1\n120,2\n", to: "c.csv")
    let start = ["time": Settings.Value.text("t"), "startsAt": .text("2023-11-14T22:13:20Z")]
    let once = try provider(path, start)
    let again = try provider(path, start.merging(["repeatEvery": .duration(.minutes(2))]) { _, new in new })
    let expected: [(Int64, Answer, Answer)] = [
      (-1, .list([]), .list([])), (0, .number(1), .number(1)), (59, .number(1), .number(1)),
      (60, .number(2), .number(2)),
      (150, .list([]), .number(1)), (180, .list([]), .number(2)),
    ]
    for (at, first, second) in expected {
      #expect(try await once.sample(query("errors", at: at)) == first)
      #expect(try await again.sample(query("errors", at: at)) == second)
    }
  }

  @Test(arguments: [
    ("time,a\nsoon,1\n", "line 2: \"time\" is neither seconds since 1970"),
    ("a,b\n1,2\n", "line 2: there is no \"time\""),
    ("time,a\n1\n", "line 2: 1 columns, and the first line has 2"),
    ("time,a\n1,\"x\n", "line 2: the quotes that open there"),
    ("time,a,a\n1,2,3\n", "line 1: the column \"a\" is there twice"),
    ("time,a\n1,\"x\"y\n", "line 2: a comma or the end"),
  ])
  func `a mistake in a table is told with its line`(text: String, message: String) async throws {
    let path = try write(text, to: "d.csv")
    let failure = await #expect(throws: Failure.self) { try await provider(path).sample(query("a", at: 0)) }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }

  @Test func `bytes that are not UTF-8, a line that is not JSON, and what is no file are told`() async throws {
    try Data([0x74, 0x69, 0x6d, 0x65, 0x0a, 0xff, 0x0a]).write(to: folder.appending(path: "e.csv"))
    _ = try write("{\"time\": 1}\n{\"time\": }\n", to: "e.jsonl")
    _ = try write("[1]\n", to: "f.jsonl")
    #expect(mkfifo(folder.appending(path: "g.csv").path, 0o600) == 0)
    for (name, message) in [
      ("e.csv", "line 2: this is not UTF-8"), ("e.jsonl", "line 2, column 10: a value is wanted here"),
      ("f.jsonl", "line 1: an object such as"), ("g.csv", "this is no plain file"), ("/", "say `format`"),
    ] {
      let failure = await #expect(throws: Failure.self) { try await provider(name).sample(query("a", at: 0)) }
      #expect(failure?.kind == .misconfigured)
      #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
    }
  }

  @Test(arguments: RecordingReader.Format.allCases)
  func `a damaged file is refused with its line, or read`(format: RecordingReader.Format) {
    let text =
      format == .csv
      ? "time,a,b\n1,\"x,\"\"y\",2\n3,z,4\n" : "{\"time\": 1, \"a\": {\"b\": 2}}\n{\"time\": 3, \"a\": 4}\n"
    let pieces = Array("\n\r,\"{}[]:0x\u{0}\u{ff}".utf8)
    var state: UInt64 = 11
    func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    for _ in 1...10_000 {
      var bytes = Array(text.utf8)
      for _ in 0...below(3) { bytes[below(bytes.count)] = pieces[below(pieces.count)] }
      do throws(Failure) {
        _ = try RecordingReader(format: format, timeColumn: "time").recording(in: bytes)
      } catch {
        #expect(error.kind == .misconfigured && error.message.hasPrefix("line "), "\(error.message)")
      }
    }
  }
}
