import PipelineModel
import PluginKit
import Testing

@testable import KubernetesPlugin

/// Settings of a deployer, and what its image becomes; without a server.
@Suite struct KubernetesDeployerSettingsTests {
  @Test(arguments: [
    ("green", Settings.Value.text("shop-blue"), "give `blue` and `green`, two Deployments that differ"),
    ("green", .text("Shop"), "\"n/Shop\" is no name of Kubernetes"),
    ("replicas", .number(0), "`replicas` must be a whole number of pods, at least 1"),
    ("replicas", .number(1.5), "`replicas` must be a whole number of pods, at least 1"),
    ("image", .text("shop:latest"), "\"shop:latest\" for every version; write ${version}"),
    ("image", .text("shop:${tag}"), "knows no ${tag}; it knows version, service, environment, slot"),
    ("image", .text("shop:${version"), "knows no ${version"),
    ("progressDeadline", .duration(.milliseconds(10)), "`progressDeadline` is 10ms"),
  ])
  func `what cannot be is told with its setting`(setting: String, value: Settings.Value, part: String) {
    var values: [String: Settings.Value] = [
      "url": .text("http://127.0.0.1:1"), "namespace": .text("n"), "blue": .text("shop-blue"),
      "green": .text("shop-green"), "image": .text("shop:${version}"), "replicas": .number(2),
    ]
    values[setting] = value
    let backend = Backend(name: "cluster", kind: "kubernetes", settings: Settings(values))
    let failure = #expect(throws: Failure.self) {
      try BackendFactory<any Deployer>.kubernetes.make(backend, Setting.context)
    }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.hasPrefix("cluster: ") == true)
    #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "")")
  }

  @Test func `an image has the names of the deployment in it`() throws {
    let shop = Deployment(service: "shop", environment: "test", version: "v2", slot: .green, key: "k")
    let image = try ImageTemplate("r.example/${environment}/${service}-${slot}:${version}")
    #expect(try image.filled(by: shop) == "r.example/test/shop-green:v2")
    var odd = shop
    odd.version = "${slot}"
    #expect(try image.filled(by: odd) == "r.example/test/shop-green:${slot}")
    odd.version = "v 2"
    let failure = #expect(throws: Failure.self) { try image.filled(by: odd) }
    #expect(failure?.kind == .rejected)
  }
}
