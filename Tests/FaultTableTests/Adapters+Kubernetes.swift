import KubernetesPlugin
import LiveRig
import PipelineModel
import PluginKit

/// What Kubernetes is asked for beside a share: requests with a header, copies of requests, a version that is brought up.
extension Adapter {
  static let ofKubernetes = kubernetes(asking: Extra.rule.value)
  /// Asked for what the server in order has not.
  static let writersOfKubernetes = kubernetes(asking: "other")

  private static func kubernetes(asking value: String) -> [Adapter] {
    Extra.allCases.map { extra in
      Adapter(name: "\(extra.rawValue) kubernetes", good: { _ in object(route) }) { url, deadline throws(Failure) in
        let names = ["route": "shop", "blue": "b", "green": "g"].mapValues { Settings.Value.text($0) }
        let router = try BackendFactory<any TrafficRouter>.kubernetes.make(
          backend(
            "kubernetes", url,
            access.merging([
              "waitForGateways": .bool(false), "timeout": .duration(deadline),
              "routes": .map(Settings(["shop": .map(Settings(names))])),
            ]) { $1 }), context)
        return try await extra.ask(router, value)
      }
    } + [deployer(key: value)]
  }

  private static func deployer(key: String) -> Adapter {
    Adapter(name: "deployment kubernetes", good: { _ in object(deployment) }) { url, deadline throws(Failure) in
      let deployer = try BackendFactory<any Deployer>.kubernetes.make(
        backend(
          "kubernetes", url,
          access.merging([
            "blue": .text("b"), "green": .text("g"), "image": .text("shop:${version}"), "replicas": .number(1),
            "timeout": .duration(deadline),
          ]) { $1 }), context)
      let version = Deployment(service: "shop", environment: "test", version: "v2", slot: .green, key: key)
      try await deployer.start(version)
      switch try await deployer.state(of: version) {
      case .ready: return "ready"
      case .starting(let what): throw Failure(.transient, what)
      case .failed(let reason): throw Failure(.rejected, reason)
      }
    }
  }

  private static let access: [String: Settings.Value] = ["namespace": .text("n"), "bearer": .secret("s")]

  private static func object(_ text: String) -> String { RawServer.http(200, text, "Content-Type: application/json") }

  /// An HTTPRoute with the header's rule and a mirror of a tenth.
  private static let route = """
    {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
     "metadata": {"name": "shop", "namespace": "n", "resourceVersion": "7", "generation": 1},
     "spec": {"rules": [
       {"matches": [{"headers": [{"type": "Exact", "name": "x-canary", "value": "always"}]}],
        "backendRefs": [{"name": "g", "port": 80, "weight": 1}]},
       {"backendRefs": [{"name": "b", "port": 80, "weight": 100}, {"name": "g", "port": 80, "weight": 0}],
        "filters": [{"type": "RequestMirror", "requestMirror": {
          "backendRef": {"name": "g", "port": 80}, "fraction": {"numerator": 1000, "denominator": 10000}}}]}]}}
    """

  /// A Deployment whose one pod is of the version.
  private static let deployment = """
    {"apiVersion": "apps/v1", "kind": "Deployment",
     "metadata": {"name": "g", "namespace": "n", "resourceVersion": "7", "generation": 2},
     "spec": {"replicas": 1, "template": {"metadata": {"annotations": {"headgate/key": "always"}},
       "spec": {"containers": [{"name": "shop", "image": "shop:v2"}]}}},
     "status": {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}}
    """
}
