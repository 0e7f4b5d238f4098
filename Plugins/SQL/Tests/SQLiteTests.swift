import Foundation
import GRDBSQLite
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import SQLPlugin

/// Against SQLite itself: statements that read are answered, and nothing is ever written.
@Suite struct SQLiteTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "headgate-sql-\(UUID().uuidString)").path
  private let path: String

  init() throws {
    path = "\(folder)/shop.db"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    run(
      """
      CREATE TABLE req (time REAL, version TEXT, failed INTEGER);
      INSERT INTO req VALUES (1700000001, 'v1', 0), (1700000010, 'v2', 1), (1700000020, 'v2', 0), (1699999000, 'v2', 1);
      """)
  }

  private func run(_ text: String) {
    var database: OpaquePointer?
    sqlite3_open(path, &database)
    #expect(sqlite3_exec(database, text, nil, nil, nil) == SQLITE_OK)
    sqlite3_close(database)
  }

  private func provider(_ path: String) throws(Failure) -> any MetricProvider {
    try BackendFactory<any MetricProvider>.sqlite.make(
      Backend(name: "db", kind: "sqlite", settings: Settings(["path": .text(path)])), context(folder))
  }

  private static let recent = "FROM req WHERE time > :from AND time <= :until"
  private static let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

  private var cases: [ProviderHarness.Case] {
    let range = Metric.Range(over: .minutes(1), step: .seconds(15))
    return [
      .init(query("SELECT avg(failed) \(Self.recent) AND version = 'v2'"), .answer(.number(0.5))),
      .init(query("SELECT failed \(Self.recent) ORDER BY time"), .answer(.list([.number(0), .number(1), .number(0)]))),
      .init(
        query("SELECT failed \(Self.recent) AND version = 'v2' ORDER BY time", range: range),
        .answer(.list([.number(1), .number(0)]))),
      .init(query("SELECT avg(failed) FROM req WHERE version = 'v9'"), .answer(.null)),
      .init(query("SELECT failed FROM req WHERE version = 'v9'"), .answer(.list([]))),
      .init(query("SELECT 'a'"), .answer(.text("a"))), .init(query("SELECT 1e999"), .answer(.number(.infinity))),
      .init(
        query("SELECT 1 AS a, NULL AS b;"),
        .answer(.object([.init(name: "a", value: .number(1)), .init(name: "b", value: .null)]))),
      .init(query("SELECT 1 AS a, 2 AS a"), .failure(.rejected)), .init(query("SELECT x'00'"), .failure(.rejected)),
      .init(query("SELECT 1, 2", range: range), .failure(.rejected)), .init(query("SELECT"), .failure(.rejected)),
      .init(query("SELECT 1; SELECT 2"), .failure(.rejected)), .init(query(""), .failure(.rejected)),
      .init(query("SELECT :now"), .failure(.rejected)), .init(query("SELECT ?"), .failure(.rejected)),
      .init(query("SELECT * FROM nothing"), .failure(.rejected)), .init(query("DELETE FROM req"), .failure(.rejected)),
      .init(query("PRAGMA user_version = 5"), .failure(.rejected)),
      .init(query("ATTACH '\(folder)/other.db' AS other"), .failure(.rejected)),
      .init(
        query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"), .failure(.rejected)),
    ]
  }

  @Test func `it keeps the promises of a provider`() async throws {
    await verifyProvider(
      ProviderHarness(
        provider: try provider("shop.db"), cases: cases,
        deaf: (try provider(path), query(Self.endless, timeout: .milliseconds(300)))))
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/other.db"))
    #expect(try await provider(path).sample(query("SELECT count(*) FROM req")) == .number(4))
  }

  @Test func `no database, or something else, is the operator's to mend; a locked one is passing`() async throws {
    try Data("this is no database, and it is long enough to be taken for one".utf8).write(
      to: URL(filePath: "\(folder)/text.db"))
    for name in ["nothing.db", "text.db"] {
      let failure = await #expect(throws: Failure.self) { try await provider(name).sample(query("SELECT 1 FROM req")) }
      #expect(failure?.kind == .misconfigured, "\(failure?.message ?? "")")
    }
    var database: OpaquePointer?
    sqlite3_open(path, &database)
    #expect(sqlite3_exec(database, "BEGIN EXCLUSIVE", nil, nil, nil) == SQLITE_OK)
    let failure = await #expect(throws: Failure.self) {
      try await provider(path).sample(query("SELECT count(*) FROM req", timeout: .milliseconds(300)))
    }
    #expect(failure?.kind == .transient, "\(failure?.message ?? "")")
    sqlite3_close(database)
  }
}
