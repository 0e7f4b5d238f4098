import Foundation
import Glibc
import KubernetesClient
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import KubernetesPlugin

/// Against a fake API server that behaves as the real one does, or with `HEADGATE_KUBERNETES=1` against the real one of
/// `KUBECONFIG`.
@Suite(.serialized, .live(.python3)) struct KubernetesRouterTests {
  @Test(arguments: ["patch", "takeOver"])
  func `the route keeps the promises of a router`(write: String) async throws {
    try await Setting.with { setting in
      let frozen = try await KubernetesAPI(fakeIn: setting.rig)
      let gone = try await KubernetesAPI(fakeIn: setting.rig)
      frozen.signal(SIGSTOP)
      await gone.stop()
      await verifyRouter(
        RouterHarness(
          router: try setting.router(write: write), route: "shop",
          truth: { slot in
            let refs = try await setting.object().spec["rules"]?.list?[1]["backendRefs"]?.list ?? []
            let weights = refs.map { $0["weight"]?.integer ?? 1 }
            let share = (weights[slot == .blue ? 0 : 1] * 10_000) / weights.reduce(0, +)
            return Weight(basisPoints: share)
          },
          forget: { try await setting.reset() },
          deaf: try Setting.router(frozen.kubeconfig, route: "shop", timeout: .milliseconds(400)),
          absent: try Setting.router(gone.kubeconfig, route: "shop")))
    }
  }

  @Test func `all else in the object stays as it is`() async throws {
    try await Setting.with { setting in
      let before = try await setting.object()
      try await setting.router.setWeight(setting.change(25))
      var rules = try #require(before.spec["rules"]?.list)
      rules[1]["backendRefs"] = [
        ["name": "blue", "port": 80, "weight": 75], ["name": "green", "port": 80, "weight": 25],
      ]
      var spec = before.spec
      spec["rules"] = .list(rules)
      let after = try await setting.object()
      #expect(after.spec == spec)
      #expect(after.json["metadata"]?["labels"] == before.json["metadata"]?["labels"])
      #expect(after.generation == before.generation + 1)
    }
  }

  @Test func `a weight that is there already changes nothing`() async throws {
    try await Setting.with { setting in
      try await setting.router.setWeight(setting.change(25))
      let generation = try await setting.object().generation
      try await setting.router.setWeight(setting.change(25))
      #expect(try await setting.object().generation == generation)
    }
  }

  @Test func `somebody else's change shows, and is made good`() async throws {
    try await Setting.with { setting in
      try await setting.router.setWeight(setting.change(50))
      try await setting.reset()
      #expect(try await setting.router.weight(of: .green, on: "shop") == Weight.none)
      try await setting.router.setWeight(setting.change(50))
      #expect(try await setting.router.weight(of: .blue, on: "shop") == .percent(50))
    }
  }

  @Test func `two controllers that change it at once both get through, and nothing is lost`() async throws {
    try await Setting.with { setting in
      let others = Task {
        for round in 1...20 {
          _ = try await setting.client.merge(
            ["metadata": ["annotations": ["round": .text("\(round)")]]], into: setting.name)
        }
      }
      for percent in [5, 25, 50, 100] {
        while true {
          do throws(Failure) {
            try await setting.router.setWeight(setting.change(percent))
            break
          } catch {
            // Five conflicts in a row are possible, and told as worth another try.
            #expect(error.kind == .transient, "\(error.message)")
            if error.kind != .transient { break }
          }
        }
      }
      try await others.value
      let object = try await setting.object()
      #expect(object.json["metadata"]?["annotations"]?["round"]?.text == "20")
      #expect(try await setting.router.weight(of: .green, on: "shop") == .all)
    }
  }

  @Test func `what is not there is the operator's to mend`() async throws {
    try await Setting.with { setting in
      let service = await #expect(throws: Failure.self) {
        try await setting.router.setWeight(setting.change(5, on: "no-such-service"))
      }
      #expect(service?.kind == .misconfigured)
      #expect(service?.message.contains("has both blue and gren among its backendRefs") == true)
      let object = await #expect(throws: Failure.self) {
        try await setting.router.weight(of: .green, on: "no-such-object")
      }
      #expect(object?.kind == .misconfigured)
      #expect(object?.message.contains("there is no HTTPRoute") == true)
    }
  }

  @Test func `fields that another manager applies are told with its name`() async throws {
    try await Setting.with { setting in
      let rules = try #require(try await setting.object().spec["rules"])
      let object: JSON = ["metadata": ["name": .text(setting.name.name)], "spec": ["rules": rules]]
      let manifest = try await Self.apply(object, as: "gitops", setting)
      #expect(manifest == .object(try await setting.object()))
      let failure = await #expect(throws: Failure.self) {
        try await setting.router(write: "apply").setWeight(setting.change(25))
      }
      #expect(failure?.kind == .rejected)
      #expect(failure?.message.contains("other managers own fields of HTTPRoute") == true)
      #expect(failure?.message.contains(".spec.rules (gitops)") == true)
      #expect(try await setting.router.weight(of: .green, on: "shop") == Weight.none)
      try await setting.router(write: "takeOver").setWeight(setting.change(25))
      try await setting.router(write: "apply").setWeight(setting.change(50))
      #expect(try await setting.router.weight(of: .green, on: "shop") == .percent(50))
    }
  }

  /// As `kubectl apply --server-side --force-conflicts` does in the name of somebody else.
  private static func apply(_ object: JSON, as manager: String, _ setting: Setting) async throws -> KubernetesAnswer {
    var client = setting.client
    client.fieldManager = manager
    return try await client.apply(object, to: setting.name, force: true)
  }
}
