import LiveRig
import Testing

extension LiveStories {
  /// Judged by comparison, on counts that Prometheus took from real traffic.
  @Suite struct Comparison {
    /// One request in ten fails in either version.
    @Test func `a version as good as the one beside it is promoted`() async throws {
      try await Shop.open(to: \.weightsPort, rate: 250) { shop in
        try await shop.fail(0.1, in: shop.deployment.bluePort)
        let run = try await shop.run("v2", Shop.compared)
        try await shop.wait(forWeight: 5)
        try await shop.fail(0.1, in: shop.deployment.greenPort)
        #expect(try await run.ending() == 0)
        let told = try await shop.headgate("show", "1").out
        #expect(told.contains(#/the gate passed: (since look \d+, )?\d+ errors in .* beside it: less than/#), "\(told)")
        #expect(try await shop.weight() == 100)
        try await shop.verifyRecord()
        let plan = try await shop.plan("v9", "--over", "1m", "--step", "4s")
        let sentence = #/a version 3× as bad is failed after about \d+ bad requests in both arms, about/#
        #expect(plan.contains(sentence), "\(plan)")
      }
    }

    @Test func `three times the errors are rolled back while at 5 %`() async throws {
      try await Shop.open(to: \.weightsPort, rate: 250) { shop in
        try await shop.fail(0.1, in: shop.deployment.bluePort)
        let recorder = WeightRecorder(shop)
        let run = try await shop.run("v2", Shop.compared)
        try await shop.wait(forWeight: 5)
        try await shop.fail(0.3, in: shop.deployment.greenPort)
        #expect(try await run.ending() == 1)
        #expect(await recorder.stop() == [0, 5, 0])
        let told = try await shop.headgate("show", "1").out
        let sentence =
          #/fail: (since look \d+, )?\d+ errors in .* canary requests against .* beside it: .*worse \(99%, look \d+\)/#
        #expect(told.contains(sentence), "\(told)")
        #expect(try await shop.status() == "rolledBack")
        try await shop.verifyRecord()
      }
    }
  }
}

extension Shop {
  /// What a plan makes of the traffic that Prometheus has on record, for a version that is not there yet.
  fileprivate func plan(_ version: String, _ more: String...) async throws -> String {
    let file = try rig.write(Self.compared, to: "planned.yaml")
    let ending = try await headgate.run(["plan", file, "--from", "prometheus", "--set", "version=\(version)"] + more)
    #expect(ending.code == 0, "\(ending.all)")
    return ending.out
  }

  /// Lets a share of a version's requests fail.
  fileprivate func fail(_ share: Double, in port: Int) async throws {
    let answer = await Rig.post("http://127.0.0.1:\(port)/knobs?errors=\(share)")
    try #require(answer?.status == 200, "the service on \(port) did not take errors=\(share)")
  }
}
