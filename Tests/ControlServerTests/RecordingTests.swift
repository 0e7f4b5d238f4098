import Flags
import Hummingbird
import HummingbirdTesting
import PipelineModel
import Testing

@testable import ControlServer

/// Evaluations are counted beside the requests.
@Suite struct RecordingTests {
  @Test func `requests for one flag and for all of them are counted each in its way`() async throws {
    let served = try Served()
    try await served.test { client in
      let ada = #"{"context":{"targetingKey":"ada","plan":"pro"}}"#
      for key in ["ruled", "ruled", "on", "none", "off"] {
        _ = try await client.post("/ofrep/v1/evaluate/flags/\(key)", ada)
      }
      _ = try await client.post("/ofrep/v1/evaluate/flags", ada)
      _ = try await client.post("/ofrep/v1/evaluate/flags/on", "{")
    }
    served.recorder.write(Served.now)
    let tally = try #require(served.archive.tallies.first)
    let singles = tally.answers.filter { $0.key.way == .single }
    #expect(
      Set(singles.map { "\($0.key.flag) \($0.key.variant) \($0.value.count)" }) == [
        "ruled yes 2", "on yes 1", "off  1",
      ])
    #expect(tally.answers.filter { $0.key.way == .bulk }.count == 10)
    let exposed = Set(tally.exposures.keys.map { "\($0.flag) \($0.way)" })
    #expect(exposed.isSuperset(of: ["ruled single", "on single", "ruled bulk"]))
    #expect(!exposed.contains("on bulk") && !exposed.contains("off single"))
    #expect(tally.exposures.keys.allSatisfy { $0.subject == "ada" && $0.environment == "production" })
  }

  @Test func `what the archive refuses is kept and written later, once`() async throws {
    let served = try Served()
    served.archive.refuse(true)
    try await served.test { client in _ = try await client.post("/ofrep/v1/evaluate/flags/on", "{}") }
    served.recorder.write(Served.now)
    #expect(served.recorder.sums.evaluations == [.static: 1])
    served.archive.refuse(false)
    served.recorder.write(Served.now)
    served.recorder.write(Served.now)
    #expect(served.archive.tallies.count == 1)
    #expect(served.archive.tallies.first?.answers.values.map(\.count) == [1])
    #expect(served.recorder.sums.evaluations == [.static: 1])
  }

  @Test func `the figures are there for Prometheus`() async throws {
    let served = try Served()
    try await served.test { client in
      _ = try await client.post("/ofrep/v1/evaluate/flags/on", "{}")
      _ = try await client.post("/ofrep/v1/evaluate/flags/none", "{}")
      let metrics = try await client.get("/metrics")
      #expect(metrics.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
      for line in [
        #"headgate_requests_total{status="200"} 1"#, #"headgate_requests_total{status="404"} 1"#,
        #"headgate_flags{environment="production"} 10"#, #"headgate_flag_evaluations_total{reason="STATIC"} 1"#,
        "headgate_event_streams 0", "headgate_flag_exposures_lost_total 0",
      ] {
        #expect(metrics.body.split(separator: "\n").contains { $0 == line }, "\(line)\n\(metrics.body)")
      }
    }
  }
}
