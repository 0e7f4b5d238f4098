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
          keepAlive: 3s

      """

    @Test func `blue and green change places under load, and back, without a failed request`() async throws {
      try await Shop.open(to: \.livePort) { shop in
        #expect(try await shop.run("v2", Self.pipeline).ending() == 0)
        #expect(try await live(in: shop) == "green")
        // What ran before the first run is not known, so it is left alone.
        #expect(await health(shop.deployment.bluePort) == 200)

        #expect(try await shop.run("v3", Self.pipeline).ending() == 0)
        #expect(try await live(in: shop) == "blue")
        // v2 was kept for three seconds, and then taken down.
        #expect(await health(shop.deployment.greenPort) == nil)

        // Nobody drives the store now: the command does it, and brings v2 up again first.
        try await shop.act("rollback", "2", "--reason", "customers call")
        #expect(try await live(in: shop) == "green")
        #expect(await Rig.get("http://127.0.0.1:\(shop.haproxy.livePort)/")?.body == "v2\n")

        let report = try await shop.load.stop()
        print("blue-green: \(report.requests) requests, \(report.failed) failed, by version \(report.versions)")
        #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
        for version in ["v1", "v2", "v3"] { #expect(report.versions[version] ?? 0 > 0) }
        for run in [1, 2] { try await shop.verifyRecord(of: run) }
      }
    }

    private func health(_ port: Int) async -> Int? { await Rig.get("http://127.0.0.1:\(port)/healthz")?.status }

    /// The slot that HAProxy's map names.
    private func live(in shop: Shop) async throws -> String {
      let map = try await shop.haproxy.ask("show map \(shop.rig.folder)/live.map")
      return map.contains("shop green") ? "green" : map.contains("shop blue") ? "blue" : map
    }
  }
}
