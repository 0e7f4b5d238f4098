import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import InfluxDBPlugin

func provider(_ url: String, database: String = "m") throws(Failure) -> any MetricProvider {
  let context = BackendContext(
    secret: { _ in "" }, stateDirectory: "/", baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
  let settings = Settings(["url": .text(url), "database": .text(database)])
  return try BackendFactory<any MetricProvider>.influxdb.make(
    Backend(name: "influx", kind: "influxdb", settings: settings), context)
}

func query(
  _ text: String, at milliseconds: Int64 = 1_700_000_060_000, range: Metric.Range? = nil,
  timeout: Interval = .seconds(60)
) -> MetricQuery {
  MetricQuery(
    metric: "errors", text: text, range: range, at: Timestamp(milliseconds: milliseconds), timeout: timeout,
    interval: .minutes(1))
}

/// Against a real InfluxDB 1.
@Suite(.serialized, .live(.influxd)) struct InfluxLiveTests {
  /// Ten requests of each version, six seconds apart; two of v2 failed.
  private static var lines: [String] {
    (0..<10).flatMap { index in
      let time = 1_700_000_006_000 + Int64(index) * 6000 - 1000
      return [
        "req,ver=v1 err=0,lat=\(100 + index) \(time)", "req,ver=v2 err=\(index < 2 ? 1 : 0),lat=\(90 + index) \(time)",
      ]
    }
  }

  private static func mean(_ more: String) -> String { "SELECT mean(err) FROM req WHERE $timeFilter\(more)" }

  private var cases: [ProviderHarness.Case] {
    let range = Metric.Range(over: .minutes(1), step: .seconds(20))
    let series = "SELECT sum(err) FROM req WHERE ver = 'v2' AND $timeFilter GROUP BY time($interval)"
    return [
      .init(query(Self.mean(" AND ver = 'v2'")), .answer(.number(0.2))),
      .init(query(Self.mean(" GROUP BY ver")), .answer(.list([.number(0), .number(0.2)]))),
      .init(
        query("SELECT mean(err) AS e, percentile(lat, 95) AS p FROM req WHERE ver='v2' AND $timeFilter"),
        .answer(.object([.init(name: "e", value: .number(0.2)), .init(name: "p", value: .number(99))]))),
      .init(query("select count(lat) from req where ver = 'v2' and $timeFilter"), .answer(.number(10))),
      .init(query(Self.mean(" AND ver = 'v9'")), .answer(.list([]))),
      .init(query("SELECT err FROM nothing WHERE $timeFilter"), .answer(.list([]))),
      .init(query(Self.mean(" AND ver='v2'"), at: 1_600_000_000_000), .answer(.list([]))),
      .init(query(series, range: range), .answer(.list([.number(2), .number(0), .number(0)]))),
      .init(query(series, at: 1_600_000_000_000, range: range), .answer(.list([]))),
      .init(query(series + ", ver", range: range), .answer(.list([.number(2), .number(0), .number(0)]))),
      .init(query(Self.mean(" GROUP BY time($interval), ver"), range: range), .failure(.rejected)),
      .init(query("SELECT mean(err) FROM req", range: range), .failure(.rejected)),
      .init(query("SELECT FROM"), .failure(.rejected)), .init(query("DROP DATABASE m"), .failure(.rejected)),
      .init(query("SELECT * INTO x FROM req"), .failure(.rejected)),
      .init(query("SELECT err FROM req; DROP DATABASE m"), .failure(.rejected)),
      .init(query("SHOW DATABASES"), .failure(.rejected)),
    ]
  }

  @Test func `every answer of a real server is judged rightly`() async throws {
    try await Rig.with { rig in
      let server = try await InfluxServer(in: rig)
      try await server.store(Self.lines)
      let silent = try SilentListener()
      await verifyProvider(
        ProviderHarness(
          provider: try provider(server.url), cases: cases,
          deaf: (
            try provider("http://127.0.0.1:\(silent.port)"),
            query("SELECT a FROM b WHERE $timeFilter", timeout: .milliseconds(300))
          ), absent: try provider("http://127.0.0.1:\(try Rig.freePort())")))
    }
  }

  @Test func `messages say what InfluxDB said`() async throws {
    try await Rig.with { rig in
      let server = try await InfluxServer(in: rig)
      let prefix = "influx could not answer errors at \(server.url): "
      await #expect(throws: Failure(.misconfigured, prefix + "database not found: nope")) {
        try await provider(server.url, database: "nope").sample(query("SELECT a FROM b WHERE $timeFilter"))
      }
      let failure = await #expect(throws: Failure.self) {
        try await provider(server.url).sample(query("SELECT FROM b WHERE $timeFilter"))
      }
      #expect(
        failure?.message == prefix
          + "HTTP 400, error parsing query: found FROM, expected identifier, string, number, bool at line 1, char 8",
        "\(failure?.message ?? "")")
      try await server.hang()
      await #expect(throws: Failure(.transient, prefix + "no answer within 500ms")) {
        try await provider(server.url).sample(query("SELECT a FROM b WHERE $timeFilter", timeout: .milliseconds(500)))
      }
    }
  }
}

/// What no InfluxDB would answer is no answer, and a statement only reads.
@Suite struct InfluxHostileTests {
  @Test(arguments: [
    (#"{"a": 1}"#, Failure.Kind.misconfigured), (#"{"results": []}"#, .misconfigured), ("[]", .misconfigured),
    (#"{"results": [{"series": 5}]}"#, .misconfigured), (#"{"results": [{"error": "shutdown"}]}"#, .transient),
    (#"{"results": [{"series": [{"columns": ["time", "a"], "values": [[1]]}]}]}"#, .misconfigured),
    (#"{"results": [{"partial": true, "series": []}]}"#, .rejected),
    (#"{"results": [{"series": [{"columns": ["time", "a", "a"], "values": [[1, 2, 3]]}]}]}"#, .rejected),
  ])
  func `other JSON is no answer`(body: String, kind: Failure.Kind) async throws {
    try await RawServer.with(.bytes(Array(RawServer.http(200, body).utf8))) { server in
      let influx = try provider(server.url)
      let failure = await #expect(throws: Failure.self) {
        try await influx.sample(query("SELECT a FROM b WHERE $timeFilter"))
      }
      #expect(failure?.kind == kind, "\(failure?.message ?? "")")
    }
  }

  @Test(arguments: [
    ("SELECT a FROM b WHERE c = 'into; drop' AND $timeFilter", true),
    ("SELECT \"into\" FROM b WHERE $timeFilter", true), ("-- into\nSELECT a FROM b WHERE time > now() - 1m", true),
    ("SELECT a FROM b", false), ("SELECT \"time\" FROM b", false),
    ("SELECT a FROM b WHERE c = 'it\\'s' INTO d", false), ("/* */ DELETE FROM b", false), ("", false),
    ("SELECT a FROM b;", false), ("SELECT a\ninto\nd FROM b", false),
  ])
  func `words in quotes and comments are no keywords`(text: String, isRead: Bool) {
    let statement = try? InfluxStatement(query(text))
    #expect((statement != nil) == isRead)
  }

  @Test func `the time asked about is put in`() throws {
    #expect(
      try InfluxStatement(query("SELECT a FROM b WHERE $timeFilter GROUP BY time($interval)")).text
        == "SELECT a FROM b WHERE time > 1700000000000ms AND time <= 1700000060000ms GROUP BY time(60000ms)")
  }
}
