import Foundation
import Glibc
import LiveRig
import PipelineModel
import PluginKit

@testable import EnvoyPlugin

/// An Envoy in front of two versions, with a route of each kind: `runtime` and `file`.
struct EnvoyServer {
  let runtimePort: Int
  let filePort: Int
  let admin: String
  let child: Child
  let routesFile: String

  init(_ name: String = "envoy", blue: Int, green: Int, in rig: Rig) async throws {
    runtimePort = try Rig.freePort()
    filePort = try Rig.freePort()
    let adminPort = try Rig.freePort()
    admin = "http://127.0.0.1:\(adminPort)"
    let folder = "\(rig.folder)/\(name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    routesFile = try rig.write(Self.routes, to: "\(name)/routes.json")
    let text = Self.bootstrap(adminPort, runtimePort, filePort, folder, blue, green)
    let file = try rig.write(text, to: "\(name).yaml")
    child = try await rig.start(
      name, try Component.envoy.required(), ["-c", file, "--use-dynamic-base-id", "--concurrency", "2"])
    for port in [runtimePort, filePort] {
      try await Rig.wait(for: name) { await Rig.get("http://127.0.0.1:\(port)/")?.status == 200 }
    }
  }

  static let routes = """
    {"version_info": "first", "resources": [{
      "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration", "name": "shop",
      "virtual_hosts": [{"name": "shop", "domains": ["*"], "routes": [
        {"match": {"prefix": "/fixed"}, "route": {"cluster": "blue"}},
        {"match": {"prefix": "/"}, "route": {"timeout": "12.5s", "weighted_clusters": {"clusters": [
          {"name": "blue", "weight": 100}, {"name": "green", "weight": 0}]}}}]}]}]}

    """

  private static func bootstrap(
    _ admin: Int, _ runtime: Int, _ file: Int, _ folder: String, _ blue: Int, _ green: Int
  ) -> String {
    let split = """
      {virtual_hosts: [{name: shop, domains: ["*"], routes: [{match: {prefix: /}, route: {weighted_clusters: \
      {runtime_key_prefix: shop.split, clusters: [{name: blue, weight: 100}, {name: green, weight: 0}]}}}]}]}
      """
    let watched = """
      {route_config_name: shop, config_source: {resource_api_version: V3, path_config_source: \
      {path: \(folder)/routes.json, watched_directory: {path: \(folder)}}}}
      """
    return """
      node: {id: one, cluster: shop}
      admin: {address: \(address(admin))}
      layered_runtime: {layers: [{name: static, static_layer: {}}, {name: admin, admin_layer: {}}]}
      static_resources:
        listeners:
        - \(listener("runtime", runtime, "route_config: \(split)"))
        - \(listener("file", file, "rds: \(watched)"))
        clusters:
        - \(cluster("blue", blue))
        - \(cluster("green", green))

      """
  }

  private static func address(_ port: Int) -> String {
    "{socket_address: {address: 127.0.0.1, port_value: \(port)}}"
  }

  private static func listener(_ name: String, _ port: Int, _ routes: String) -> String {
    let manager = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
    let router = "envoy.extensions.filters.http.router.v3.Router"
    return """
      {name: \(name), address: \(address(port)), filter_chains: [{filters: [{name: http, typed_config: \
      {"@type": type.googleapis.com/\(manager), stat_prefix: \(name), \(routes), http_filters: [{name: router, \
      typed_config: {"@type": type.googleapis.com/\(router)}}]}}]}]}
      """
  }

  private static func cluster(_ name: String, _ port: Int) -> String {
    """
    {name: \(name), type: STATIC, connect_timeout: 1s, load_assignment: {cluster_name: \(name), \
    endpoints: [{lb_endpoints: [{endpoint: {address: \(address(port))}}]}]}}
    """
  }

  /// As `headgate.yaml` would have it, with both routes and some that are wrong.
  func backend(timeout: Interval = .seconds(60)) -> Backend {
    let routes: [String: [String: String]] = [
      "runtime": ["runtime": "shop.split", "blue": "blue", "green": "green"],
      "file": ["file": routesFile, "blue": "blue", "green": "green"],
      "no-such-prefix": ["runtime": "shop.spilt", "blue": "blue", "green": "green"],
      "no-such-cluster": ["runtime": "shop.split", "blue": "blue", "green": "gren"],
      "no-cluster-in-file": ["file": routesFile, "blue": "blue", "green": "gren"],
      "no-such-file": ["file": "\(routesFile).json", "blue": "blue", "green": "green"],
      "other-configuration": ["file": routesFile, "configuration": "other", "blue": "blue", "green": "green"],
    ]
    let values = routes.mapValues { Settings.Value.map(Settings($0.mapValues { .text($0) })) }
    return Backend(
      name: "edge", kind: "envoy",
      settings: Settings(["url": .text(admin), "timeout": .duration(timeout), "routes": .map(Settings(values))]))
  }

  func router(timeout: Interval = .seconds(60)) throws(Failure) -> any TrafficRouter {
    try Self.make(backend(timeout: timeout))
  }

  static func make(_ backend: Backend) throws(Failure) -> any TrafficRouter {
    let context = BackendContext(
      secret: { name throws(Failure) in throw Failure(.misconfigured, "no secret \(name)") }, stateDirectory: "/",
      baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
    return try BackendFactory<any TrafficRouter>.envoy.make(backend, context)
  }

  /// Forgets what was set: the runtime's values as a restart does, the file as somebody who puts an old one back.
  func forget() async throws {
    guard await Rig.post("\(admin)/runtime_modify?shop.split.blue=&shop.split.green=")?.status == 200 else { return }
    try WholeFile(routesFile).replace(with: Self.routes)
    let dump = "\(admin)/config_dump?resource=dynamic_route_configs"
    try await Rig.wait(for: "envoy to read the old file") {
      await Rig.get(dump)?.body.contains("\"version_info\": \"first\"") == true
    }
  }

  /// What the cluster of a slot was sent of `requests` requests.
  func port(of route: String) -> Int { route == "file" ? filePort : runtimePort }
}
