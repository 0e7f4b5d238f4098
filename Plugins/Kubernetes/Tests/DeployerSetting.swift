import Foundation
import KubernetesClient
import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import KubernetesPlugin

/// An API server with a Deployment for each slot on it, and deployers that know them.
struct DeployerSetting {
  let api: KubernetesAPI
  let client: KubernetesClient
  let blue: KubernetesName
  let green: KubernetesName

  /// - Parameter rollout: how the fake's controller behaves, in JSON; a real one behaves as it does.
  static func with(
    rollout: String = #"{"delay": 0.01, "failing": "bad", "stuck": "slow"}"#, fake: Bool = false,
    _ work: (DeployerSetting) async throws -> Void
  ) async throws {
    try await Rig.with { rig in
      let api = fake ? try await KubernetesAPI(fakeIn: rig) : try await KubernetesAPI(in: rig)
      if !api.isReal { try await api.set(#"{"rollout": \#(rollout)}"#) }
      let setting = try await DeployerSetting(rig, api)
      if rollout != "null" {
        // What it was made with is the first revision, and rollouts are counted from there.
        try await Rig.wait(for: "a controller that has seen it") { try await setting.revision() == 1 }
      }
      try await work(setting)
    }
  }

  private init(_ rig: Rig, _ api: KubernetesAPI) async throws {
    self.api = api
    let backend = Backend(
      name: "cluster", kind: "kubernetes", settings: Settings(["kubeconfig": .text(api.kubeconfig)]))
    let (client, namespace) = try KubernetesClient.make(backend, Setting.context)
    self.client = client
    blue = KubernetesName(.deployments, namespace: namespace, name: "\(api.prefix)-blue")
    green = KubernetesName(.deployments, namespace: namespace, name: "\(api.prefix)-green")
    for name in [blue, green] {
      rig.atEnd { _ = try? await client.delete(name) }
      let answer = try await client.create(KubernetesObject(try Self.manifest(name.name)), in: name)
      guard case .object = answer else { throw Setting.Unexpected(answer: answer) }
    }
  }

  /// The Deployment as people write it: nothing runs, and there is more in its pods than the image.
  private static func manifest(_ name: String) throws -> JSON {
    let text = """
      {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "\(name)", "labels": {"team": "shop"}},
       "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "\(name)"}}, "template": {
         "metadata": {"labels": {"app": "\(name)"}, "annotations": {"owner": "shop"}},
         "spec": {"terminationGracePeriodSeconds": 1, "containers": [
           {"name": "shop", "image": "registry.k8s.io/pause:3.8", "env": [{"name": "MODE", "value": "live"}]},
           {"name": "beside", "image": "registry.k8s.io/pause:3.8"}]}}}}
      """
    return try #require(JSON(parsing: Data(text.utf8)))
  }

  func deployer(_ changes: [String: Settings.Value?] = [:], kubeconfig: String? = nil) throws -> any Deployer {
    var values: [String: Settings.Value] = [
      "kubeconfig": .text(kubeconfig ?? api.kubeconfig), "blue": .text(blue.name), "green": .text(green.name),
      "image": .text("registry.k8s.io/pause:${version}"), "container": .text("shop"), "replicas": .number(2),
      "timeout": .duration(.seconds(60)), "progressDeadline": .duration(.seconds(5)),
    ]
    for (name, value) in changes { values[name] = value }
    let backend = Backend(name: "cluster", kind: "kubernetes", settings: Settings(values))
    return try BackendFactory<any Deployer>.kubernetes.make(backend, Setting.context)
  }

  func deployment(_ version: String, key: String, _ slot: Slot = .green) -> Deployment {
    Deployment(service: "shop", environment: "test", version: version, slot: slot, key: key)
  }

  func object(_ name: KubernetesName? = nil) async throws -> KubernetesObject {
    let answer = try await client.get(name ?? green)
    guard case .object(let object) = answer else { throw Setting.Unexpected(answer: answer) }
    return object
  }

  /// How often Kubernetes began to roll out something new, after what the Deployment was made with.
  func rollouts() async throws -> Int { try await revision() - 1 }

  private func revision() async throws -> Int {
    let revision = try await object().json["metadata"]?["annotations"]?["deployment.kubernetes.io/revision"]?.text
    return revision.flatMap { Int($0) } ?? 0
  }

  /// Asks until it is ready or has failed.
  func settled(_ deployment: Deployment, by deployer: any Deployer) async throws -> DeploymentState {
    let last = Last()
    try await Rig.wait(for: "an end of \(deployment.key)") {
      await last.set(try await deployer.state(of: deployment))
      if case .starting? = await last.state { return false }
      return true
    }
    return try #require(await last.state)
  }

  private actor Last {
    var state: DeploymentState?
    func set(_ state: DeploymentState) { self.state = state }
  }
}
