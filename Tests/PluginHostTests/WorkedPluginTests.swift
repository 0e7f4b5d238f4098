import Foundation
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import PluginHost

/// The plugins that we ship and teach with keep the promises of their ports, asked as the controller asks.
@Suite struct WorkedPluginTests {
  private static let end = Timestamp(milliseconds: 1_700_000_120_000)

  private func accesslog(_ stage: Stage, path: String = "sample.jsonl") throws -> any MetricProvider {
    let folder = "\(Stage.plugins)/accesslog"
    try? FileManager.default.copyItem(atPath: "\(folder)/sample.jsonl", toPath: "\(stage.folder)/sample.jsonl")
    return try stage.made(stage.host.providers, try Stage.plugin(folder), Settings(["path": .text(path)]))
  }

  @Test(.installed("python3")) func `accesslog keeps the promises of a metric provider`() async throws {
    try await Stage.with { stage in
      func ask(_ text: String) -> MetricQuery {
        MetricQuery(metric: "m", text: text, at: Self.end, timeout: .seconds(60), interval: .minutes(2))
      }
      await verifyProvider(
        ProviderHarness(
          provider: try accesslog(stage),
          cases: [
            .init(ask("count"), .answer(.number(120))), .init(ask("max seconds"), .answer(.number(0.069))),
            .init(ask("share status >= 500 where version == purple"), .answer(.null)),
            .init(ask("median of everything"), .failure(.rejected)),
          ]))
    }
  }

  @Test(.installed("python3")) func `a log that is not there is told of by its path`() async throws {
    try await Stage.with { stage in
      let failure = try await accesslog(stage, path: "no.jsonl").failure("count")
      #expect(failure.kind == .misconfigured)
      #expect(failure.message.contains("there is no log \(stage.folder)/no.jsonl"))
    }
  }

  @Test(.installed("python3")) func `the tests of accesslog itself pass`() async throws {
    try await run("python3", "-B", "-m", "unittest", "discover", "\(Stage.plugins)/accesslog/tests")
  }

  // MARK: traefikfile, in shell

  @Test(.installed("jq")) func `traefikfile keeps the promises of a router, and its files say the same`() async throws {
    try await Stage.with { stage in
      let routes = ["shop": Settings.Value.map(Settings(["blue": .text("b@file"), "green": .text("g@file")]))]
      let router: any TrafficRouter = try stage.made(
        stage.host.routers, try Stage.plugin("\(Stage.plugins)/traefikfile"),
        Settings(["directory": .text("dynamic"), "routes": .map(Settings(routes))]))
      let file = "\(stage.folder)/dynamic/headgate-shop.yml"
      // Its start may take longer than a call where the machine has much to do.
      try await started { try await router.weight(of: .green, on: "shop") }
      await verifyRouter(
        RouterHarness(
          router: router, route: "shop",
          truth: { slot in
            let weights = try String(contentsOfFile: file, encoding: .utf8).matches(of: #/weight: (?<weight>[0-9]+)/#)
            let weight = try #require(weights.map(\.output.weight).dropFirst(slot == .blue ? 0 : 1).first)
            return Weight(basisPoints: try #require(Int(weight)))
          },
          forget: { try FileManager.default.removeItem(atPath: file) }))
    }
  }

  @Test(.installed("jq")) func `the tests of traefikfile itself pass`() async throws {
    try await run("\(Stage.plugins)/traefikfile/tests/run")
  }

  // MARK: logbook, in Swift

  @Test(.installed("jq")) func `logbook keeps the promises of a notifier, and writes nothing twice`() async throws {
    try await Stage.with { stage in
      let folder = "\(stage.folder)/logbook"
      try FileManager.default.copyItem(atPath: "\(Stage.plugins)/logbook", toPath: folder)
      try await run("\(folder)/build")
      let notifier: any Notifier = try stage.made(
        stage.host.notifiers, try Stage.plugin(folder), Settings(["directory": .text("books")]))
      let notice = Notice(
        key: "41/7", thread: "41", event: .gateFailed, severity: .critical, alarm: .firing, run: RunID(41),
        pipeline: "shop", service: "shop", environment: "production", version: "1.4.2",
        time: Timestamp(milliseconds: 1_795_266_300_000), title: "gate failed",
        runbook: "https://runbooks.example/shop",
        timeout: .seconds(60))
      let book = "\(stage.folder)/books/shop.md"
      try await started { try await notifier.send(notice) }
      await verifyNotifier(
        NotifierHarness(
          notifier: notifier, notice: notice,
          received: { key in
            try String(contentsOfFile: book, encoding: .utf8).split(
              separator: "<!-- \(key) -->", omittingEmptySubsequences: false
            )
            .count - 1
          }))
      #expect(try String(contentsOfFile: book, encoding: .utf8).contains("<!-- 41/7 -->"))
      #expect(
        try String(contentsOfFile: book, encoding: .utf8).matches(of: #/^- /#.anchorsMatchLineEndings()).count == 2)
      try await run("\(folder)/tests/run")
      await expectConformance(of: folder)
    }
  }

  // MARK: smoketest, in Python

  @Test(.installed("python3")) func `smoketest keeps the promises of a runner of steps`() async throws {
    try await Stage.with(secrets: ["token": "sesame"]) { stage in
      let plugin = try Stage.plugin("\(Stage.plugins)/smoketest")
      let settings = Settings(["url": .text("data:,"), "token": .secret("token")])
      let runner: any StepRunner = try stage.made(stage.host.runners, plugin, settings)
      let restarted: any StepRunner = try stage.made(stage.host.runners, plugin, settings)
      func request(_ key: String, contains: String = "", rounds: Double = 1) -> StepRequest {
        StepRequest(
          step: "requests", stage: "smoke", key: key,
          with: Settings([
            "paths": .list([.text("ok")]), "contains": .text(contains), "rounds": .number(rounds),
            "pause": .duration(.seconds(rounds > 1 ? 1 : 0)),
          ]), timeout: .minutes(10))
      }
      // Its start may take longer than a call where the machine has much to do.
      try await started { _ = try await runner.state(of: "none") }
      try await started { _ = try await restarted.state(of: "none") }
      await verifyStepRunner(
        StepHarness(
          runner: runner, restarted: restarted, passing: request("store-4-7"),
          failing: request("store-4-8", contains: "no"), slow: request("store-4-9", rounds: 1000), secrets: ["sesame"]))
      #expect(runner.known() == [])
    }
  }

  @Test(.installed("python3")) func `a step that is under way is known to the next controller`() async throws {
    try await Stage.with(secrets: ["token": "sesame"]) { stage in
      let plugin = try Stage.plugin("\(Stage.plugins)/smoketest")
      let runner: any StepRunner = try stage.made(
        stage.host.runners, plugin, Settings(["url": .text("data:,"), "token": .secret("token")]))
      let request = StepRequest(
        step: "requests", stage: "smoke", key: "store-5-1",
        with: Settings(["paths": .list([.text("ok")]), "rounds": .number(1000), "pause": .duration(.seconds(1))]),
        timeout: .minutes(10))
      try await started { try await runner.start(request) }
      await stage.host.close()
      let host = PluginHost()
      let next: any StepRunner = try #require(
        try host.runners(of: [plugin]).first?.make(
          Backend(name: "subject", kind: "smoketest", settings: Settings(["url": .text("data:,")])), stage.context))
      #expect(next.known() == ["store-5-1"])
      try await started { _ = try await next.state(of: "store-5-1") }
      guard case .running? = try await next.state(of: "store-5-1") else {
        Issue.record("it is not under way any more")
        return
      }
      try await next.cancel("store-5-1")
      #expect(next.known() == [])
      guard case .ended(.failed, _)? = try await next.state(of: "store-5-1") else {
        Issue.record("it was not ended")
        return
      }
      await host.close()
    }
  }

  @Test(.installed("python3")) func `the tests of smoketest itself pass`() async throws {
    try await run("python3", "-B", "-m", "unittest", "discover", "\(Stage.plugins)/smoketest/tests")
  }

  // MARK: All of them

  @Test(.installed("jq", "python3"), arguments: ["accesslog", "traefikfile", "smoketest"])
  func `plugin check finds nothing wrong with what we ship`(name: String) async throws {
    await expectConformance(of: "\(Stage.plugins)/\(name)")
  }
}
