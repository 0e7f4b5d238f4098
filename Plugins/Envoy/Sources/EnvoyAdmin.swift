import BackendHTTP
import Foundation
import PipelineModel
import PluginKit

/// Envoy's admin interface, as far as routes need it.
struct EnvoyAdmin: Sendable {
  var backend: HTTPBackend

  /// Names of all clusters that Envoy knows.
  func clusters() async throws(Failure) -> Set<String> {
    struct Clusters: Decodable {
      struct Status: Decodable { var name: String }
      var statuses: [Status]?
      enum CodingKeys: String, CodingKey { case statuses = "cluster_statuses" }
    }
    let call = HTTPCall(.get, "/clusters", query: [.init("format", "json")])
    return try await send(call, "its clusters") { reply throws(Failure) in
      Set(try reply.document(Clusters.self, of: "an Envoy").statuses?.map(\.name) ?? [])
    }
  }

  /// Asked before something is told as missing, which an Envoy that begins may get yet.
  ///
  /// - Throws: `transient` while it has not read all its configuration.
  func checkLive() async throws(Failure) {
    try await backend.send(HTTPCall(.get, "/ready"), "envoy at \(backend.url)") { reply throws(Failure) in
      if reply.status == 503 {
        throw Failure(.transient, "it is not live yet, it says \(reply.excerpt)", retryAfter: reply.retryAfter)
      }
      guard reply.isSuccess else { throw reply.refusal() }
    }
  }

  /// Values that were set while it runs, by their key.
  func runtime() async throws(Failure) -> [String: Int] {
    struct Runtime: Decodable {
      struct Entry: Decodable {
        var value: String
        enum CodingKeys: String, CodingKey { case value = "final_value" }
      }
      var entries: [String: Entry]
    }
    return try await send(HTTPCall(.get, "/runtime"), "its runtime") { reply throws(Failure) in
      try reply.document(Runtime.self, of: "an Envoy").entries.compactMapValues { Int($0.value) }
    }
  }

  /// Sets values, all in one step. Envoy takes any key, also one that nothing reads.
  func modify(_ values: [String: Int]) async throws(Failure) {
    let fields = values.sorted { $0.key < $1.key }.map { HTTPCall.Field($0.key, "\($0.value)") }
    _ = try await send(HTTPCall(.post, "/runtime_modify", query: fields), "a change of its runtime") {
      reply throws(Failure) in String(decoding: reply.body, as: UTF8.self)
    }
  }

  /// Every split in the route configurations that are in use, from the bootstrap and from everywhere else.
  func splits() async throws(Failure) -> [WeightedClusters] {
    try await dump("static_route_configs").splits + dump("dynamic_route_configs").splits
  }

  /// A route configuration that came from a file or a server, as Envoy runs it; `nil` when it has none of that name.
  func configuration(_ name: String) async throws(Failure) -> EnvoyDump.Configuration? {
    try await dump("dynamic_route_configs").configurations.first { $0.name == name }
  }

  /// How many updates of a route configuration it has refused, or could not read, since it began.
  func refusals(of configuration: String) async throws(Failure) -> Int {
    let call = HTTPCall(.get, "/stats", query: [.init("filter", "\\.rds\\..*\\.update_(rejected|failure)$")])
    let names = ["rejected", "failure"].map { ".rds.\(configuration).update_\($0)" }
    return try await send(call, "its statistics") { reply throws(Failure) in
      let lines = reply.text.split(whereSeparator: \.isNewline).map { $0.split(separator: ": ") }
      return lines.reduce(0) { sum, parts in
        guard parts.count == 2, names.contains(where: parts[0].hasSuffix) else { return sum }
        return sum + (Int(parts[1]) ?? 0)
      }
    }
  }

  private func dump(_ resource: String) async throws(Failure) -> EnvoyDump {
    let call = HTTPCall(.get, "/config_dump", query: [.init("resource", resource)])
    return try await send(call, "its routes") { reply throws(Failure) in
      // Nothing of that kind has been configured.
      if reply.status == 404, String(decoding: reply.body, as: UTF8.self).contains("not found in config dump") {
        return EnvoyDump(configurations: [])
      }
      guard let dump = EnvoyDump(reply.body) else {
        throw Failure(.misconfigured, "HTTP \(reply.status) and no dump of a configuration: \(reply.excerpt)")
      }
      return dump
    }
  }

  private func send<Value: Sendable>(
    _ call: HTTPCall, _ what: String, reading read: (HTTPReply) throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    try await backend.send(call, "envoy did not answer for \(what) at \(backend.url)") { reply throws(Failure) in
      guard reply.status != 503 || !reply.text.contains("No admin layer") else {
        throw Failure(
          .misconfigured, "it has no admin layer; add `{name: admin, admin_layer: {}}` to its `layered_runtime`")
      }
      guard reply.isSuccess || reply.status == 404 && call.path == "/config_dump" else { throw reply.refusal() }
      return try read(reply)
    }
  }
}

extension HTTPReply {
  fileprivate var text: String { String(decoding: body, as: UTF8.self) }
}

/// Route configurations as `/config_dump` tells them.
struct EnvoyDump: Sendable {
  struct Configuration: Sendable {
    var name: String?
    var version: String?
    var splits: [WeightedClusters]
    /// The whole of it in JSON.
    var text: Data
  }

  var configurations: [Configuration]
  var splits: [WeightedClusters] { configurations.flatMap(\.splits) }

  init(configurations: [Configuration]) { self.configurations = configurations }

  init?(_ body: Data) {
    guard let root = try? JSONSerialization.jsonObject(with: body) as? [String: Any] else { return nil }
    configurations = (root["configs"] as? [[String: Any]] ?? []).map { entry in
      let route = entry["route_config"] as? [String: Any]
      return Configuration(
        name: route?["name"] as? String, version: entry["version_info"] as? String,
        splits: EnvoyJSON.splits(in: route ?? [:]),
        text: (try? JSONSerialization.data(withJSONObject: route ?? [:])) ?? Data())
    }
  }
}
