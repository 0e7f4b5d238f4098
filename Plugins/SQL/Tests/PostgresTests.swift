import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import SQLPlugin

/// Against a real PostgreSQL.
@Suite(.serialized) struct PostgresTests {
  private func provider(
    _ port: Int, _ more: [String: Settings.Value] = [:], password: String = "hunter2"
  ) throws(Failure) -> any MetricProvider {
    let settings: [String: Settings.Value] = [
      "host": .text("127.0.0.1"), "port": .number(Double(port)), "database": .text("shop"), "user": .text("reader"),
      "password": .secret("p"),
    ]
    return try BackendFactory<any MetricProvider>.postgresql.make(
      Backend(name: "pg", kind: "postgresql", settings: Settings(settings.merging(more) { _, new in new })),
      context(secrets: ["p": "\(password)\n"]))
  }

  private static let tables = [
    "CREATE TABLE req (time double precision, version text, failed int, ms numeric)",
    """
    INSERT INTO req VALUES (1700000001, 'v1', 0, 10.5), (1700000010, 'v2', 1, 'NaN'), (1700000020, 'v2', 0, 30),
      (1699999000, 'v2', 1, 40)
    """, "CREATE TABLE hidden (a int)", "GRANT SELECT ON req TO reader",
  ]

  private static let recent = "FROM req WHERE time > :from AND time <= :until"

  private var cases: [ProviderHarness.Case] {
    let range = Metric.Range(over: .minutes(1), step: .seconds(15))
    return [
      .init(query("SELECT avg(failed) \(Self.recent) AND version = 'v2'"), .answer(.number(0.5))),
      .init(query("SELECT count(*) \(Self.recent)"), .answer(.number(3))),
      .init(query("SELECT ms \(Self.recent) AND version = 'v2' ORDER BY time LIMIT 1"), .answer(.number(.nan))),
      .init(
        query("SELECT failed \(Self.recent) ORDER BY time", range: range),
        .answer(.list([.number(0), .number(1), .number(0)]))),
      .init(query("SELECT avg(failed) FROM req WHERE version = 'v9'"), .answer(.null)),
      .init(query("SELECT failed FROM req WHERE version = 'v9'"), .answer(.list([]))),
      .init(query("SELECT 'Infinity'::float8"), .answer(.number(.infinity))),
      .init(
        query("SELECT true AS a, 'x' AS b"),
        .answer(.object([.init(name: "a", value: .bool(true)), .init(name: "b", value: .text("x"))]))),
      .init(query("SELECT generate_series(1, 3)"), .answer(.list([.number(1), .number(2), .number(3)]))),
      .init(query("SELECT generate_series(1, 1000000)"), .failure(.rejected)),
      .init(query("SELECT 1 / 0"), .failure(.rejected)), .init(query("SELECT"), .failure(.rejected)),
      .init(query("SELEC 1"), .failure(.rejected)), .init(query("SELECT 1; SELECT 2"), .failure(.rejected)),
      .init(query(""), .failure(.rejected)), .init(query("SELECT :now"), .failure(.rejected)),
      .init(query("DELETE FROM req"), .failure(.rejected)),
      .init(query("CREATE TEMP TABLE t (a int)"), .failure(.rejected)),
      .init(query("SELECT set_config('transaction_read_only', 'off', false)"), .failure(.rejected)),
      .init(query("SET default_transaction_read_only = off"), .failure(.rejected)),
      .init(query("COPY req TO STDOUT"), .failure(.rejected)),
      .init(query("SELECT * FROM hidden"), .failure(.misconfigured)),
      .init(query("SELECT 'a'::bytea"), .failure(.rejected)),
    ]
  }

  @Test(.live(.initdb, .psql)) func `it keeps the promises of a provider`() async throws {
    try await Rig.with { rig in
      let server = try await PostgresServer(in: rig)
      try await server.tell(rig, Self.tables)
      await verifyProvider(
        ProviderHarness(
          provider: try provider(server.port), cases: cases,
          deaf: (try provider(server.port), query("SELECT pg_sleep(1000)", timeout: .milliseconds(500))),
          absent: try provider(try Rig.freePort()), secrets: ["hunter2"]))
      #expect(try await provider(server.port).sample(query("SELECT count(*) FROM req")) == .number(4))
      for (more, password, text) in [
        ([:], "hunter3", "password authentication failed"), (["database": .text("nope")], "hunter2", "does not exist"),
        (["ca": .text(TLSFixture.authority)], "hunter2", "does not support SSL"),
      ] as [([String: Settings.Value], String, String)] {
        let wrong = try provider(server.port, more, password: password)
        let failure = await #expect(throws: Failure.self) { try await wrong.sample(query("SELECT 1")) }
        #expect(failure?.kind == .misconfigured && failure?.message.contains(text) == true, "\(failure?.message ?? "")")
        #expect(failure?.message.contains(password) == false)
      }
    }
  }

  @Test(.live(.initdb, .psql)) func `a server that hangs, or never says a word, keeps nobody waiting`() async throws {
    try await Rig.with { rig in
      let server = try await PostgresServer(in: rig)
      try await server.hang()
      let silent = try SilentListener()
      for port in [server.port, silent.port] {
        let failure = await #expect(throws: Failure.self) {
          try await provider(port).sample(query("SELECT 1", timeout: .milliseconds(500)))
        }
        #expect(failure?.kind == .transient, "\(failure?.message ?? "")")
      }
    }
  }

  @Test func `what is no PostgreSQL is told`() async throws {
    try await RawServer.with(.bytes(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), until: "\u{0}") { server in
      let pg = try provider(server.port)
      let failure = await #expect(throws: Failure.self) { try await pg.sample(query("SELECT 1")) }
      #expect(
        failure?.message.contains("pg could not answer errors at 127.0.0.1:") == true, "\(failure?.message ?? "")")
    }
  }
}
