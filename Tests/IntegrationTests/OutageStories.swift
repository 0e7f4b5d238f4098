import Glibc
import LiveRig
import Testing

extension LiveStories {
  /// Prometheus gone or hung while a gate judges: no evidence, no promotion.
  @Suite struct Outage {
    enum Kind: String, CaseIterable { case stopped, hung }

    @Test(arguments: Kind.allCases)
    func `with onError hold the run waits, and goes on when prometheus is back`(kind: Kind) async throws {
      try await Shop.open { shop in
        let run = try await shop.run(
          "v2", Shop.canary(steps: "[{ weight: 25%, hold: 10s }, 100%]", metric: "onError: hold"))
        try await shop.wait(forWeight: 25)
        shop.begin(kind)
        try await shop.wait(for: "the time is over, but the gate says error: staying, and asking on", in: run)
        #expect(try await shop.weight() == 25)
        #expect(try await shop.status() == "running")
        try await shop.end(kind)
        #expect(try await run.ending() == 0)
        #expect(run.output.contains("errors could not be measured"))
        #expect(try await shop.weight() == 100)
        try await shop.verifyRecord()
      }
    }

    @Test(arguments: Kind.allCases)
    func `with onError fail the run is taken back`(kind: Kind) async throws {
      try await Shop.open { shop in
        let recorder = WeightRecorder(shop)
        let run = try await shop.run(
          "v2", Shop.canary(steps: "[{ weight: 25%, hold: 10s }, 100%]", metric: "onError: fail"))
        try await shop.wait(forWeight: 25)
        shop.begin(kind)
        #expect(try await run.ending() == 1)
        #expect(await recorder.stop() == [0, 25, 0])
        #expect(try await shop.status() == "rolledBack")
        try await shop.end(kind)
        try await shop.verifyRecord()
      }
    }
  }
}

extension Shop {
  fileprivate func begin(_ outage: LiveStories.Outage.Kind) {
    switch outage {
    case .stopped: prometheus.child.signal(SIGKILL)
    case .hung: prometheus.hang()
    }
  }

  fileprivate func end(_ outage: LiveStories.Outage.Kind) async throws {
    switch outage {
    case .stopped: try await prometheus.startAgain(in: rig)
    case .hung: prometheus.resume()
    }
  }
}
