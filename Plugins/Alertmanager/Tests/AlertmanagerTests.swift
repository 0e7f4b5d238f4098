import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import AlertmanagerPlugin

/// Against a real Alertmanager: a degraded run is one alert, however often it is told of, and its end ends it.
@Suite(.serialized, .live(.alertmanager)) struct AlertmanagerTests {
  private func notifier(_ url: String, _ more: [String: Settings.Value] = [:]) throws(Failure) -> any Notifier {
    let context = BackendContext(
      secret: { _ throws(Failure) in throw Failure(.misconfigured, "no secrets here") }, stateDirectory: "/",
      baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
    let settings = ["url": Settings.Value.text(url)].merging(more) { _, new in new }
    return try BackendFactory<any Notifier>.alertmanager.make(
      Backend(name: "alerts", kind: "alertmanager", settings: Settings(settings)), context)
  }

  private func notice(_ event: NoticeEvent, _ alarm: Notice.Alarm?, run: Int64 = 41) -> Notice {
    Notice(
      key: "s-\(run)-\(event.rawValue)", thread: "s-\(run)", event: event, severity: .warning, alarm: alarm,
      run: RunID(run), pipeline: "checkout", service: "shop", environment: "production", version: "v7",
      time: Timestamp(milliseconds: 1_700_000_000_000), title: "checkout v7 in production: \(event.rawValue)",
      text: "what happened", runbook: "https://runbooks.example/checkout", timeout: .seconds(60))
  }

  private func names(_ alerts: [[String: Any]]) -> [String] {
    alerts.compactMap { ($0["labels"] as? [String: String])?["alertname"] }.sorted()
  }

  @Test func `an alert is raised once, grows worse, and is resolved with the run`() async throws {
    try await Rig.with { rig in
      let server = try await AlertmanagerServer(in: rig)
      let alerts = try notifier(server.url, ["labels": .map(Settings(["team": .text("payments")]))])
      try await alerts.send(notice(.started, nil))
      #expect(try await server.alerts().isEmpty)

      try await alerts.send(notice(.held, .firing))
      try await alerts.send(notice(.rollback, .firing))
      try await alerts.send(notice(.stillDegraded, .firing))
      let raised = try await server.alerts()
      #expect(names(raised) == ["HeadgateDegraded"])
      #expect(
        raised.first?["labels"] as? [String: String] == [
          "alertname": "HeadgateDegraded", "severity": "warning", "pipeline": "checkout", "service": "shop",
          "environment": "production", "run": "41", "team": "payments",
        ])
      let annotations = raised.first?["annotations"] as? [String: String]
      #expect(annotations?["summary"] == "checkout v7 in production: stillDegraded")
      #expect(annotations?["runbook_url"] == "https://runbooks.example/checkout")

      try await alerts.send(notice(.rollbackStuck, .firing))
      #expect(names(try await server.alerts()) == ["HeadgateDegraded", "HeadgateRollbackStuck"])
      try await alerts.send(notice(.held, .firing, run: 42))
      #expect(try await server.alerts().count == 3)

      try await alerts.send(notice(.recovered, .resolved))
      let left = try await server.alerts()
      #expect(left.compactMap { ($0["labels"] as? [String: String])?["run"] } == ["42"])
      // Told once more, as after a crash: it stays resolved.
      try await alerts.send(notice(.recovered, .resolved))
      #expect(try await server.alerts().count == 1)
    }
  }

  @Test func `it keeps the promises of a notifier`() async throws {
    let silent = try SilentListener()
    try await Rig.with { rig in
      let server = try await AlertmanagerServer(in: rig)
      try await RawServer.with(.bytes(Array(RawServer.http(401, "who are you").utf8))) { refusing in
        await verifyNotifier(
          NotifierHarness(
            notifier: try notifier(server.url), notice: notice(.rollback, .firing),
            received: { _ in try await server.alerts().count },
            deaf: try notifier("http://127.0.0.1:\(silent.port)"),
            absent: try notifier("http://127.0.0.1:\(try Rig.freePort())"),
            refusing: (try notifier(refusing.url), .misconfigured)))
      }
    }
  }

  @Test func `a label that Alertmanager would refuse is refused before`() {
    for name in ["team-name", "0team", "", "größe"] {
      #expect(throws: Failure.self) { try notifier("http://h", ["labels": .map(Settings([name: .text("x")]))]) }
    }
  }
}
