import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import PluginHost

/// A plugin whose plugin.yaml says that it mirrors and routes by header is presented as such a router, and no other is.
@Suite(.installed("python3")) struct ExtrasTests {
  private func router(_ stage: Stage, without capabilities: Set<Capability> = []) throws -> any TrafficRouter {
    var plugin = try Stage.plugin("\(Stage.fixtures)/extras")
    for index in plugin.manifest.kinds.indices {
      plugin.manifest.kinds[index].kind.capabilities.subtract(capabilities)
    }
    return try stage.made(stage.host.routers, plugin)
  }

  @Test func `it keeps the promises of routers that mirror and route by header`() async throws {
    try await Stage.with { stage in
      let router = try router(stage)
      try await started { try await router.weight(of: .green, on: "shop") }
      await verifyHeaderRouter(try #require(router as? any HeaderRouter), route: "shop")
      await verifyMirroringRouter(try #require(router as? any MirroringRouter), route: "shop")
      let schema = try MessageSchema(contentsOf: "\(Stage.plugins)/plugin-protocol.schema.json")
      for (_, line) in stage.lines.said {
        #expect(schema.problems(of: try MessageSchema.json(line)) == [])
      }
    }
  }

  @Test func `what its plugin.yaml does not promise is not asked of it`() async throws {
    try await Stage.with { stage in
      #expect(!(try router(stage, without: [.mirror, .headerRoute]) is any MirroringRouter))
      let half = try #require(try router(stage, without: [.mirror]) as? any MirroringRouter)
      let failure = await #expect(throws: Failure.self) { try await half.mirror(to: .green, on: "shop") }
      #expect(failure?.kind == .misconfigured)
    }
  }
}
