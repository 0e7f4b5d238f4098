import PipelineModel
import PluginKit
import Synchronization
import Testing

@testable import SQLPlugin

func query(
  _ text: String, over: Interval = .minutes(1), range: Metric.Range? = nil, timeout: Interval = .seconds(60)
) -> MetricQuery {
  MetricQuery(
    metric: "errors", text: text, range: range, at: Timestamp(milliseconds: 1_700_000_060_000), timeout: timeout,
    interval: over)
}

func context(_ folder: String = "/", secrets: [String: String] = [:]) -> BackendContext {
  BackendContext(
    secret: { name throws(Failure) in
      guard let value = secrets[name] else { throw Failure(.misconfigured, "there is no secret \(name)") }
      return value
    }, stateDirectory: "/", baseDirectory: folder, now: { Timestamp(milliseconds: 0) })
}

/// Parameters are found where they stand for values and nowhere else.
@Suite struct SQLParametersTests {
  @Test(arguments: [
    ("SELECT :from, :until, :from", "SELECT $1, $2, $1", ["from", "until"]),
    (
      "SELECT a::int, ':from', \":from\" -- :from\n, :step", "SELECT a::int, ':from', \":from\" -- :from\n, $1",
      ["step"]
    ),
    ("SELECT /* :from */ 'it''s :x' || :interval", "SELECT /* :from */ 'it''s :x' || $1", ["interval"]),
    ("SELECT $$ :from $$, $tag$ :from $$ $tag$, :until", "SELECT $$ :from $$, $tag$ :from $$ $tag$, $1", ["until"]),
    ("SELECT a[1:2], ': '", "SELECT a[1:2], ': '", []), ("SELECT 'open :from", "SELECT 'open :from", []), ("", "", []),
  ])
  func `a statement's parameters are numbered`(text: String, numbered: String, names: [String]) {
    let result = SQLParameters.numbered(text)
    #expect(result.text == numbered && result.names == names)
  }

  @Test func `they are the time asked about, in seconds`() throws {
    let parameters = SQLParameters(query("", range: .init(over: .minutes(5), step: .seconds(15))))
    #expect(parameters.values == ["from": 1_699_999_760, "until": 1_700_000_060, "step": 15, "interval": 60])
    #expect(throws: Failure.self) { try parameters.value(of: "now") }
  }

  @Test func `states of PostgreSQL have their kinds`() {
    let kinds: [(String, Failure.Kind)] = [
      ("57014", .transient), ("53300", .transient), ("40001", .transient), ("08006", .transient),
      ("28P01", .misconfigured),
      ("3D000", .misconfigured), ("42501", .misconfigured), ("42P01", .rejected), ("22012", .rejected),
      ("25006", .rejected),
    ]
    for (state, kind) in kinds { #expect(PostgresRefusal.kind(ofState: state) == kind, "\(state)") }
  }
}

/// Threads that hang are left behind, and only so many of them.
@Suite struct OwnThreadsTests {
  @Test func `a call that hangs ends by its limit, and too many are refused`() async {
    let threads = OwnThreads(most: 2)
    let begun = Mutex(0)
    let work: @Sendable (Patience) throws(Failure) -> Int = { patience throws(Failure) in
      begun.withLock { $0 += 1 }
      while !patience.isOver {}
      return 1
    }
    let failures = await withTaskGroup(of: Failure?.self) { group in
      for _ in 1...2 {
        group.addTask {
          do throws(Failure) {
            _ = try await threads.run(within: .hours(1), work)
            return nil
          } catch { return error }
        }
      }
      // Both threads are taken; a third is refused.
      while begun.withLock({ $0 }) < 2 { await Task.yield() }
      await #expect(throws: Failure(.transient, "2 questions are still open")) {
        try await threads.run(within: .hours(1)) { _ in 0 }
      }
      group.cancelAll()
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(failures.compactMap { $0?.message } == ["the question was cancelled", "the question was cancelled"])
  }
}
