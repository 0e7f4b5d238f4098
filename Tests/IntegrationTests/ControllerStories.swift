import Glibc
import LiveRig
import Testing

extension LiveStories {
  /// The controller killed in mid-canary, and two that want the same store.
  @Suite struct Controllers {
    @Test func `a run whose controller was killed is gone on with by attach, each weight in its turn`() async throws {
      try await Shop.open { shop in
        let recorder = WeightRecorder(shop)
        try await killed(shop)
        let attached = try await shop.start("attach", "attach", "1")
        #expect(try await attached.ending() == 0)
        #expect(await recorder.stop() == [0, 5, 25, 50, 100])
        #expect(attached.output.contains("run 1 of shop: promoted"))
        try await shop.verifyRecord()
      }
    }

    @Test func `a new run of another service goes on with it too`() async throws {
      try await Shop.open { shop in
        let recorder = WeightRecorder(shop)
        try await killed(shop)
        let file = try shop.rig.write(Self.other, to: "other.yaml")
        let run = try await shop.start("other", "run", file, "--set", "version=v7")
        #expect(try await run.ending() == 0)
        #expect(await recorder.stop() == [0, 5, 25, 50, 100])
        #expect(run.output.contains("run 2 of cart: promoted"))
        #expect(try await shop.status(of: 1) == "promoted")
        try await shop.verifyRecord(of: 1)
        try await shop.verifyRecord(of: 2)
      }
    }

    private static let other = """
      pipeline: cart
      service: cart
      environment: test
      parameters:
        version: { required: true }
      stages:
        - check: smoke test
          run: test "$HEADGATE_VERSION" = v7
        - wait: a moment
          for: 1s

      """

    /// Starts a canary and kills its controller at 25 %.
    private func killed(_ shop: Shop) async throws {
      let run = try await shop.run("v2", Shop.canary(steps: "[5%, { weight: 25%, hold: 10s }, 50%, 100%]"))
      try await shop.wait(forWeight: 25)
      run.signal(SIGKILL)
      #expect(try await run.ending() == -SIGKILL)
      #expect(try await shop.weight() == 25)
      #expect(try await shop.status() == "running")
    }

    @Test func `a second attach is refused, and a second run is handed over and watched`() async throws {
      try await Shop.open { shop in
        let first = try await shop.run("v2", Shop.canary(steps: "[{ weight: 50%, hold: 15s }, 100%]"))
        try await shop.wait(forWeight: 50)
        let refused = try await shop.headgate("attach", "1")
        #expect(refused.code == 2)
        #expect(refused.errors.contains("is driven by process"), "\(refused.all)")
        #expect(refused.errors.contains("\(first.pid)"), "\(refused.all)")
        let file = try shop.rig.write(Self.other, to: "other.yaml")
        let second = try await shop.headgate("run", file, "--set", "version=v7")
        #expect(second.code == 0, "\(second.all)")
        #expect(second.errors.contains("another controller drives this store"))
        #expect(second.out.contains("run 2 of cart: promoted"))
        #expect(try await first.ending() == 0)
        try await shop.verifyRecord(of: 2)
      }
    }
  }
}
