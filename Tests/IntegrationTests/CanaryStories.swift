import LiveRig
import Testing

extension LiveStories {
  /// The main job: traffic in steps, judged by Prometheus, and back by itself when the answers are bad.
  @Suite struct Canary {
    @Test func `a good release gets the share of each step within two points, and then all of it`() async throws {
      try await Shop.open { shop in
        let recorder = WeightRecorder(shop)
        let run = try await shop.run("v2", Shop.canary(hold: "8s"))
        for weight in [5, 25, 50, 100] {
          try await shop.wait(forWeight: weight)
          if weight < 100 { try await shop.act("pause", "1", "--reason", "counting requests") }
          let report = try await Load.send(10_000, to: shop.haproxy.weightsPort, in: shop.rig)
          let share = report.share(of: "v2") * 100
          print("weight \(weight) %: v2 answered \(report.versions["v2"] ?? 0) of \(report.requests) requests")
          #expect(abs(share - Double(weight)) <= 2, "\(share) % at a weight of \(weight) %")
          #expect(report.failed == 0, "\(report.failures) \(report.statuses)")
          #expect(try await shop.weight() == weight)
          if weight < 100 { try await shop.act("resume", "1") }
        }
        #expect(try await run.ending() == 0)
        #expect(await recorder.stop() == [0, 5, 25, 50, 100])
        #expect(run.output.contains("run 1 of shop: promoted"))
        #expect(run.output.matches(of: #/the gate passed: errors pass/#).count == 4)
        #expect(try await shop.status() == "promoted")
        try await shop.verifyRecord()
      }
    }

    @Test func `errors at 25 % bring the traffic back to the old version, and the values are on record`() async throws {
      try await Shop.open { shop in
        let recorder = WeightRecorder(shop)
        let run = try await shop.run("v2", Shop.canary(hold: "8s"))
        try await shop.wait(forWeight: 25)
        _ = await Rig.post("http://127.0.0.1:\(shop.deployment.greenPort)/knobs?errors=0.3")
        #expect(try await run.ending() == 1)
        #expect(await recorder.stop() == [0, 5, 25, 0])
        #expect(try await shop.weight(of: "blue") == 100)
        #expect(try await shop.status() == "rolledBack")
        let told = try await shop.headgate("show", "1").out
        #expect(told.contains(#/errors [0-9.]+%: fail \(pass: value < 5%\)/#), "\(told)")
        #expect(told.contains(#/the gate failed: errors failed 1 of \d+ looks, last [0-9.]+% \(pass: value < 5%\)/#))
        #expect(told.contains("rolled back: all traffic is on the old version"))
        try await shop.verifyRecord()
      }
    }

    @Test func `a router that was reloaded in mid-canary gets its weight back`() async throws {
      try await Shop.open { shop in
        let run = try await shop.run("v2", Shop.canary(steps: "[25%, 100%]", hold: "8s"))
        try await shop.wait(forWeight: 25)
        try await shop.act("pause", "1", "--reason", "the router is reloaded")
        try await shop.haproxy.reload()
        try await shop.wait(forWeight: 25)
        try await shop.act("resume", "1")
        #expect(try await run.ending() == 0)
        let told = try await shop.headgate("show", "1").out
        #expect(told.contains("edge/weights had lost its weight (found at 0%): set to 25% again"), "\(told)")
        #expect(try await shop.weight() == 100)
        try await shop.verifyRecord()
      }
    }
  }
}
