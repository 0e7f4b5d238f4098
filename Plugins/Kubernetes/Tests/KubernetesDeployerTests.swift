import KubernetesClient
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import KubernetesPlugin

/// Against a fake API server that rolls out as the real one does, or with `HEADGATE_KUBERNETES=1` against the real one of
/// `KUBECONFIG`, whose nodes can pull `registry.k8s.io/pause`.
@Suite(.serialized, .live(.python3)) struct KubernetesDeployerTests {
  @Test func `a deployer of Deployments keeps the promises of a deployer`() async throws {
    try await DeployerSetting.with { setting in
      await verifyDeployer(
        DeployerHarness(
          deployer: try setting.deployer(), restarted: try setting.deployer(),
          good: setting.deployment("3.9", key: "run 1/2"), bad: setting.deployment("bad", key: "run 2/2"),
          slow: setting.deployment("slow", key: "run 3/2"),
          starts: { _ in try await setting.rollouts() },
          runs: { _ in try await (setting.object().status["replicas"]?.integer ?? 0) > 0 }))
    }
  }

  @Test func `a start changes image, replicas, deadline and key, and nothing else`() async throws {
    try await DeployerSetting.with { setting in
      let before = try await setting.object()
      let blue = try await setting.object(setting.blue).spec
      let deployer = try setting.deployer()
      try await deployer.start(setting.deployment("3.9", key: "k"))
      var template = try #require(before.spec["template"])
      template["metadata"]?["annotations"] = ["owner": "shop", "headgate/key": "k"]
      var containers = try #require(template["spec"]?["containers"]?.list)
      containers[0]["image"] = "registry.k8s.io/pause:3.9"
      template["spec"]?["containers"] = .list(containers)
      var spec = before.spec
      spec["template"] = template
      spec["replicas"] = 2
      spec["progressDeadlineSeconds"] = 5
      let after = try await setting.object()
      #expect(after.spec == spec)
      #expect(after.generation == before.generation + 1)
      #expect(after.json["metadata"]?["labels"] == before.json["metadata"]?["labels"])
      #expect(try await setting.object(setting.blue).spec == blue)
    }
  }

  @Test func `another key is another rollout, also of the same version, and ends the first one's`() async throws {
    try await DeployerSetting.with { setting in
      let deployer = try setting.deployer()
      let (first, second) = (setting.deployment("3.9", key: "1"), setting.deployment("3.9", key: "2"))
      try await deployer.start(first)
      #expect(try await setting.settled(first, by: deployer) == .ready)
      try await deployer.start(second)
      #expect(try await setting.settled(second, by: deployer) == .ready)
      #expect(try await setting.rollouts() == 2)
      let state = try await deployer.state(of: first)
      guard case .failed(let reason) = state else { throw Unexpected(state: state) }
      #expect(reason.hasSuffix("it was started again since, with the key 2"))
    }
  }

  @Test func `a key that was stopped brings nothing up any more`() async throws {
    try await DeployerSetting.with { setting in
      let deployer = try setting.deployer()
      let shop = setting.deployment("3.9", key: "k")
      try await deployer.start(shop)
      try await deployer.stop(setting.deployment("3.9", key: "other"))
      try await deployer.start(shop)
      #expect(try await setting.object().spec["replicas"] == 0)
      let state = try await deployer.state(of: shop)
      guard case .failed(let reason) = state else { throw Unexpected(state: state) }
      #expect(reason.hasSuffix("it was scaled to 0"))
    }
  }

  @Test func `past the deadline it has failed, in the words of Kubernetes`() async throws {
    try await DeployerSetting.with { setting in
      let deployer = try setting.deployer()
      let bad = setting.deployment("bad", key: "k")
      try await deployer.start(bad)
      let state = try await setting.settled(bad, by: deployer)
      guard case .failed(let reason) = state else { throw Unexpected(state: state) }
      #expect(reason.hasPrefix("shop bad in slot green, Deployment \(setting.green.namespace)/\(setting.green.name)"))
      #expect(reason.contains("ProgressDeadlineExceeded: ReplicaSet \""))
      #expect(reason.contains("has timed out progressing."))
      #expect(reason.contains("of 2 pods are of the version, 0 available"))
    }
  }

  @Test func `somebody else's image is no start of ours`() async throws {
    try await DeployerSetting.with { setting in
      let deployer = try setting.deployer()
      let shop = setting.deployment("3.9", key: "k")
      try await deployer.start(shop)
      var containers = try #require(try await setting.object().spec["template"]?["spec"]?["containers"]?.list)
      containers[0]["image"] = "registry.k8s.io/pause:3.8"
      let spec: JSON = ["template": ["spec": ["containers": .list(containers)]]]
      _ = try await setting.client.merge(["spec": spec], into: setting.green)
      let state = try await deployer.state(of: shop)
      guard case .failed(let reason) = state else { throw Unexpected(state: state) }
      #expect(reason.hasSuffix("somebody else changed its image to registry.k8s.io/pause:3.8"))
    }
  }

  @Test func `what is not there is the operator's to mend`() async throws {
    try await DeployerSetting.with { setting in
      let shop = setting.deployment("3.9", key: "k")
      let nobody = try setting.deployer(["green": .text("\(setting.api.prefix)-nobody")])
      for work in [nobody.start, nobody.stop] {
        let failure = await #expect(throws: Failure.self) { try await work(shop) }
        #expect(failure?.kind == .misconfigured)
        #expect(failure?.message.contains("apply it first, with 0 replicas, or mend the name") == true)
      }
      let several = try setting.deployer(["container": nil])
      let failure = await #expect(throws: Failure.self) { try await several.start(shop) }
      #expect(failure?.kind == .misconfigured)
      #expect(failure?.message.contains("2 containers, so give `container`; it has shop, beside") == true)
    }
  }

  struct Unexpected: Error { var state: DeploymentState }
}
