import LiveRig
import Testing

extension LiveStories {
  /// The new version beside the old, switched to at once.
  @Suite struct BlueGreen {
    private static let pipeline = """
      pipeline: shop
      service: shop
      environment: test

      parameters:
        version: { required: true }

      metrics:
        errors: { provider: prometheus, query: \(Shop.errors), pass: value < 5% }

      stages:
        - blueGreen: production
          route: edge/live
          deploy: local
          postSwitch: { hold: 5s, gate: { metrics: [errors], every: 1s, atLeast: 2 measurements } }
          keepAlive: 1s

      """

    @Test func `blue and green change places under load without a failed request`() async throws {
      try await Shop.open(to: \.livePort) { shop in
        let run = try await shop.run("v2", Self.pipeline)
        #expect(try await run.ending() == 0)
        #expect(try await shop.haproxy.ask("show map \(shop.rig.folder)/live.map").contains("shop green"))
        let report = try await shop.load.stop()
        print("blue-green: \(report.requests) requests, \(report.failed) failed, by version \(report.versions)")
        #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
        #expect(report.versions["v1"] ?? 0 > 0)
        #expect(report.versions["v2"] ?? 0 > 0)
        // The old version was kept for a second, and then taken down.
        #expect(await Rig.get("http://127.0.0.1:\(shop.deployment.bluePort)/healthz") == nil)
        try await shop.verifyRecord()
      }
    }
  }
}
