import Foundation
import LiveRig
import Testing

/// Traffic that does not come back at once, and controllers that die over it: somebody can always see where it is, and
/// have it taken back.
@Suite struct StuckTests {
  /// A run whose rollback does not get through, since its router refuses.
  private func stuck(_ work: (EdgeShop, Child) async throws -> Void) async throws {
    try await EdgeShop.open { shop in
      let run = try await shop.runToTheFirstStep()
      #expect(shop.weight == "25")
      try shop.breakRouter()
      let abort = try await shop.headgate("abort", "1", "--reason", "wrong version")
      #expect(abort.code == 0, "\(abort.all)")
      try await Rig.wait(for: "a refusal") { run.output.contains("trying again to set weight 0%") }
      try await work(shop, run)
    }
  }

  @Test(arguments: ["rollback", "abort"])
  func `after a crash in the middle of a rollback it is taken to its end`(verb: String) async throws {
    try await stuck { shop, run in
      try await shop.kill(run)
      try shop.mendRouter()
      let ending = try await shop.headgate(verb, "1", "--reason", "nobody drives")
      #expect(ending.code == 0, "\(ending.all)")
      #expect(ending.out.contains("run 1 of shop: rolled back"), "\(ending.all)")
      #expect(shop.weight == "0")
      #expect(try await shop.headgate("show", "1", "--replay").code == 0)
    }
  }

  @Test func `a backend that cannot be made keeps nobody from reading, nor other traffic from being taken back`()
    async throws
  {
    try await EdgeShop.open { shop in
      try await shop.kill(try await shop.runToTheFirstStep())
      try shop.configure(more: "providers: { other: { kind: prometheus, url: \"ftp://metrics\" } }")
      #expect(try await shop.headgate("validate", "headgate.yaml").code == 65)
      #expect(try await shop.headgate("status").code == 0)
      let ending = try await shop.headgate("rollback", "1", "--reason", "nobody drives")
      #expect(ending.code == 0, "\(ending.all)")
      #expect(ending.errors.contains("other is left out:"), "\(ending.all)")
      #expect(shop.weight == "0")
    }
  }

  private struct Report: Decodable {
    struct Detail: Decodable {
      struct Summary: Decodable { var weight: Double }
      struct Route: Decodable {
        struct Retry: Decodable {
          var failed: Int
          var reason: String
          var next: String
          var escalated: Bool
        }
        var route: String
        var weight: Double
        var wanted: Double
        var confirmed: Bool
        var retry: Retry?
      }
      var run: Summary
      var routes: [Route]
    }
    var runs: [Detail]
  }

  @Test func `status says what the candidate still gets, and why it is not taken back`() async throws {
    try await stuck { shop, run in
      let text = try await shop.headgate("status")
      #expect(text.out.contains("rollingBack, stage \"production\", weight 25%"), "\(text.all)")
      #expect(
        text.out.contains(#/25% of edge/shop, asked for 0%, \d+ (try|tries) failed: .*no such backend/#), "\(text.all)")
      let report = try await shop.headgate("status", "--format", "json").json(Report.self)
      let detail = try #require(report.runs.first)
      #expect(detail.run.weight == 25)
      let route = try #require(detail.routes.first)
      #expect(route.route == "edge/shop")
      #expect(route.weight == 25)
      #expect(route.wanted == 0)
      #expect(!route.confirmed)
      let retry = try #require(route.retry)
      #expect(retry.failed >= 1)
      #expect(retry.reason.contains("no such backend"))
      #expect(!retry.reason.contains("could not set"))
    }
  }

  @Test func `a first share that the router never took is no share`() async throws {
    try await EdgeShop.open { shop in
      try shop.breakRouter()
      let run = try await shop.run()
      try await Rig.wait(for: "a refusal") { run.output.contains("trying again to set weight 25%") }
      let text = try await shop.headgate("status", "1")
      #expect(text.out.contains("weight 0%"), "\(text.all)")
      #expect(text.out.contains("0% of edge/shop, asked for 25%, "), "\(text.all)")
    }
  }

  @Test(arguments: [["attach", "1"], ["run", "shop.yaml", "--set", "version=v2"], ["rollback", "1"]])
  func `a router that is missing at the next start takes no healthy canary back`(verb: [String]) async throws {
    try await EdgeShop.open { shop in
      try await shop.kill(try await shop.runToTheFirstStep())
      try shop.configure(router: "edges")
      let pipeline = "\(shop.scratch.folder)/shop.yaml"
      _ = try shop.scratch.rig.write(
        try String(contentsOfFile: pipeline, encoding: .utf8).replacing("edge/", with: "edges/"), to: "shop.yaml")
      let refused = try await shop.headgate.run(verb)
      #expect(refused.code == 65, "\(refused.all)")
      #expect(
        refused.errors.contains(#"run 1 of shop is unfinished, and there is no router "edge", did you mean "edges"?"#),
        "\(refused.all)")
      #expect(shop.weight == "25")
      #expect(try await shop.headgate("status", "1").out.contains("running, stage"))
      try shop.configure()
      let back = try await shop.headgate("rollback", "1", "--reason", "enough")
      #expect(back.code == 0, "\(back.all)")
      #expect(shop.weight == "0")
    }
  }

  @Test func `what another run lacks does not keep a rollback from being done`() async throws {
    try await EdgeShop.open { shop in
      let first = try await shop.runToTheFirstStep()
      _ = try shop.scratch.rig.write(
        """
        pipeline: bare
        service: bare
        environment: production
        stages:
          - approve: somebody
            expires: 1h
        """, to: "bare.yaml")
      let bare = try await shop.scratch.rig.headgate(
        "bare",
        [
          "run", "\(shop.scratch.folder)/bare.yaml", "--set", "version=v1", "--config",
          "\(shop.scratch.folder)/headgate.yaml",
        ])
      try await Rig.wait(for: "the second run") { bare.output.contains("headgate approve 2") }
      await bare.stop()
      try await shop.kill(first)
      try shop.configure(router: "edges")
      let back = try await shop.headgate("abort", "2", "--reason", "not now")
      #expect(back.code == 0, "\(back.all)")
      #expect(shop.weight == "25")
      #expect(try await shop.headgate("status", "1").out.contains("running, stage"))
    }
  }
}
