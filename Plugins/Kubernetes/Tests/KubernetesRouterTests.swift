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

  @Test func `headers and mirrors keep their promises, and leave nothing behind`() async throws {
    try await Setting.with { setting in
      let before = try #require(try await setting.object().spec["rules"])
      let router = try #require(setting.router as? any Steering)
      await verifyHeaderRouter(router, route: "shop")
      await verifyMirroringRouter(router, route: "shop")
      #expect(try await setting.object().spec["rules"] == before)
    }
  }

  @Test func `a header's rule stands before the one that splits, and copies go to the candidate`() async throws {
    try await Setting.with { setting in
      let router = try #require(setting.router as? any Steering)
      let rule = HeaderRoute(header: "x-canary", value: "yes", slot: .green)
      try await router.setHeaderRoute(HeaderRouteChange(route: "shop", rule: rule, key: "k"))
      try await router.setMirror(setting.change(50))
      let rules = try #require(try await setting.object().spec["rules"]?.list)
      try #require(rules.count == 3)
      #expect(rules[1]["matches"]?.list?[0]["headers"] == [["type": "Exact", "name": "x-canary", "value": "yes"]])
      #expect(rules[1]["matches"]?.list?[0]["path"] == rules[2]["matches"]?.list?[0]["path"])
      #expect(rules[1]["backendRefs"]?.list?.compactMap { $0["name"]?.text } == ["green"])
      #expect(rules[1]["filters"] == nil)
      let mirror = rules[2]["filters"]?.list?[0]["requestMirror"]
      #expect(mirror?["backendRef"] == ["name": "green", "port": 80])
      #expect(mirror?["fraction"] == ["numerator": 5_000, "denominator": 10_000])
    }
  }

  @Test func `fields that another manager applies are told with its name`() async throws {
    try await Setting.with { setting in
      let rules = try #require(try await setting.object().spec["rules"])
      let object: JSON = ["metadata": ["name": .text(setting.name.name)], "spec": ["rules": rules]]
      let manifest = try await Self.apply(object, as: "gitops", setting)
      guard case .object(let applied) = manifest else { throw Setting.Unexpected(answer: manifest) }
      #expect(applied.spec["rules"] == rules)
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

private typealias Steering = HeaderRouter & MirroringRouter
