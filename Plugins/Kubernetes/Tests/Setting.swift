import Foundation
import KubernetesClient
import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import KubernetesPlugin

/// An API server with an HTTPRoute on it, and routers that know it.
struct Setting {
  let rig: Rig
  let api: KubernetesAPI
  let client: KubernetesClient
  let name: KubernetesName
  let router: any TrafficRouter

  static let context = BackendContext(
    secret: { name throws(Failure) in throw Failure(.misconfigured, "no secret \(name)") }, stateDirectory: "/",
    baseDirectory: "/", now: { Timestamp(milliseconds: 0) })

  /// - Parameter gateway: how the fake's gateway behaves, in JSON; a real one behaves as it does.
  static func with(
    gateway: String = #"{"delay": 0.02}"#, fake: Bool = false, _ work: (Setting) async throws -> Void
  ) async throws {
    try await Rig.with { rig in
      let api = fake ? try await KubernetesAPI(fakeIn: rig) : try await KubernetesAPI(in: rig)
      if !api.isReal { try await api.set(#"{"gateway": \#(gateway)}"#) }
      try await work(try await Setting(rig, api))
    }
  }

  init(_ rig: Rig, _ api: KubernetesAPI) async throws {
    self.rig = rig
    self.api = api
    let (client, namespace) = try KubernetesClient.make(Self.backend(api.kubeconfig, route: "none"), Self.context)
    self.client = client
    name = KubernetesName(.httpRoutes, namespace: namespace, name: "\(api.prefix)-shop")
    router = try Self.router(api.kubeconfig, route: name.name)
    let name = name
    rig.atEnd { _ = try? await client.delete(name) }
    try await create()
  }

  /// The route as people write it: a rule of its own kind, and one that splits.
  private func create() async throws {
    let text = """
      {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
       "metadata": {"name": "\(name.name)", "labels": {"team": "shop"}},
       "spec": {"parentRefs": [{"name": "edge"}], "hostnames": ["shop.example"], "rules": [
         {"matches": [{"path": {"type": "PathPrefix", "value": "/fixed"}}],
          "backendRefs": [{"name": "blue", "port": 80}]},
         {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
          "backendRefs": [{"name": "blue", "port": 80, "weight": 100}, {"name": "green", "port": 80, "weight": 0}]}]}}
      """
    let answer = try await client.create(KubernetesObject(try #require(JSON(parsing: Data(text.utf8)))), in: name)
    guard case .object = answer else { throw Unexpected(answer: answer) }
  }

  struct Unexpected: Error { var answer: KubernetesAnswer }

  static func backend(
    _ kubeconfig: String, route: String, timeout: Interval = .seconds(60), write: String = "patch", waits: Bool? = nil
  ) -> Backend {
    let texts = ["route": route, "blue": "blue", "green": "green"].mapValues { Settings.Value.text($0) }
    var more = texts
    more["green"] = .text("gren")
    return Backend(
      name: "edge", kind: "kubernetes",
      settings: Settings([
        "kubeconfig": .text(kubeconfig), "timeout": .duration(timeout), "write": .text(write),
        // No gateway need be at work behind a real API server.
        "waitForGateways": .bool(waits ?? !KubernetesAPI.isReal),
        "routes": .map(
          Settings([
            "shop": .map(Settings(texts)), "no-such-service": .map(Settings(more)),
            "no-such-object": .map(Settings(texts.merging(["route": .text("nobody")]) { $1 })),
          ])),
      ]))
  }

  static func router(
    _ kubeconfig: String, route: String, timeout: Interval = .seconds(60), write: String = "patch", waits: Bool? = nil
  ) throws(Failure) -> any TrafficRouter {
    try BackendFactory<any TrafficRouter>.kubernetes.make(
      backend(kubeconfig, route: route, timeout: timeout, write: write, waits: waits), context)
  }

  func router(timeout: Interval = .seconds(60), write: String = "patch", waits: Bool? = nil) throws(Failure)
    -> any TrafficRouter
  {
    try Self.router(api.kubeconfig, route: name.name, timeout: timeout, write: write, waits: waits)
  }

  /// One that gives the gateways less time than it gives the API server.
  func router(patience: Interval) throws -> any TrafficRouter {
    var router = try #require(try self.router() as? KubernetesRouter)
    router.patience = patience
    return router
  }

  func change(_ percent: Int, _ slot: Slot = .green, on route: String = "shop") -> WeightChange {
    WeightChange(route: route, candidate: slot, weight: .percent(percent), key: "\(route)-\(percent)")
  }

  func object() async throws -> KubernetesObject {
    let answer = try await client.get(name)
    guard case .object(let object) = answer else { throw Unexpected(answer: answer) }
    return object
  }

  private func service(_ service: String) -> KubernetesName {
    KubernetesName(.services, namespace: name.namespace, name: service)
  }

  func createService(_ service: String) async throws {
    let json: JSON = ["apiVersion": "v1", "kind": "Service", "metadata": ["name": .text(service)]]
    let answer = try await client.create(KubernetesObject(json), in: self.service(service))
    guard case .object = answer else { throw Unexpected(answer: answer) }
  }

  func deleteService(_ service: String) async throws { _ = try await client.delete(self.service(service)) }

  /// A second rule that splits, after the first.
  func addSplit() async throws {
    var rules = try #require(try await object().spec["rules"]?.list)
    var more = rules[1]
    more["matches"] = [["path": ["type": "PathPrefix", "value": "/more"]]]
    rules.append(more)
    _ = try await client.merge(["spec": ["rules": .list(rules)]], into: name)
  }

  /// Somebody else sets the rules as they were at the beginning.
  func reset(apply: Bool = false) async throws {
    var rules = try #require(try await object().spec["rules"]?.list)
    rules[1]["backendRefs"] = [
      ["name": "blue", "port": 80, "weight": 100], ["name": "green", "port": 80, "weight": 0],
    ]
    _ = try await client.merge(["spec": ["rules": .list(rules)]], into: name)
  }
}
