import EnvoyPlugin
import Foundation
import LiveRig
import NginxPlugin
import PipelineModel
import PluginKit

/// What a router is asked for beside a share.
enum Extra: String, CaseIterable, Sendable {
  case headerRoute = "header route"
  case mirror

  static let rule = HeaderRoute(header: "x-canary", value: "always", slot: .green)

  /// Asks for it, and for what the router has then.
  func ask(_ router: any TrafficRouter, _ value: String = rule.value) async throws(Failure) -> String {
    switch self {
    case .headerRoute:
      let router = try router.routingByHeader(on: "shop")
      let rule = HeaderRoute(header: Self.rule.header, value: value, slot: .green)
      try await router.setHeaderRoute(HeaderRouteChange(route: "shop", rule: rule, key: "key"))
      return (try await router.headerRoute(on: "shop")).map { "\($0.header): \($0.value)" } ?? "no rule"
    case .mirror:
      let router = try router.mirroring(on: "shop")
      let share: Weight = value == Self.rule.value ? .percent(10) : .percent(20)
      try await router.setMirror(WeightChange(route: "shop", candidate: .green, weight: share, key: "key"))
      return "\(try await router.mirror(to: .green, on: "shop"))"
    }
  }
}

/// Routers that are told by a file, and asked over HTTP what they run of it.
extension Adapter {
  static let ofFiles: [Adapter] =
    ([nil] + Extra.allCases).map { nginx(folder(), $0) } + Extra.allCases.map { envoyFile(folder(), $0) }

  private static func folder() -> String {
    "\(FileManager.default.temporaryDirectory.path)/headgate-faults-\(UUID().uuidString)"
  }

  /// nginx with commands that succeed, beside a server in order that tells what stands in the file.
  private static func nginx(_ folder: String, _ extra: Extra?) -> Adapter {
    let good: @Sendable (String) -> String = { _ in
      let text = (try? String(contentsOfFile: "\(folder)/shop.conf", encoding: .utf8)) ?? ""
      let line = text.firstMatch(of: #/return 200 "(headgate [^\\"]*)/#).map { String($0.1) } ?? "nothing yet"
      return RawServer.http(200, line + "\n")
    }
    let ask: @Sendable (String, Interval) async throws(Failure) -> String = { url, deadline throws(Failure) in
      try make(folder)
      let route = ["variable": "pool", "blue": "b", "green": "g"].mapValues { Settings.Value.text($0) }
      let router = try BackendFactory<any TrafficRouter>.nginx.make(
        Backend(
          name: "nginx", kind: "nginx",
          settings: Settings([
            "directory": .text(folder), "status": .text(String(url.drop { !$0.isNumber })),
            "test": .list([.text("true")]), "reload": .list([.text("true")]),
            "timeout": .duration(deadline), "routes": .map(Settings(["shop": .map(Settings(route))])),
          ])), context)
      if let extra { return try await extra.ask(router) }
      try await router.setWeight(WeightChange(route: "shop", candidate: .green, weight: .percent(25), key: "key"))
      return "\(try await router.weight(of: .green, on: "shop"))"
    }
    let name = "\(extra?.rawValue ?? "traffic") nginx"
    return Adapter(name: name, good: good, ask: ask, isPlain: true, asksAgain: true)
  }

  /// Envoy with a file of routes, beside a server in order that runs what stands in it.
  private static func envoyFile(_ folder: String, _ extra: Extra) -> Adapter {
    let good: @Sendable (String) -> String = { request in
      let place = request.split(separator: " ").dropFirst().first ?? ""
      if place.hasPrefix("/clusters") {
        return RawServer.http(200, #"{"cluster_statuses":[{"name":"b"},{"name":"g"}]}"#)
      }
      if place.hasPrefix("/stats") { return RawServer.http(200, "\n") }
      let data = FileManager.default.contents(atPath: "\(folder)/routes.json") ?? Data()
      guard let file = try? JSONDecoder().decode(JSON.self, from: data), let route = file["resources"]?.list?.first
      else {
        return RawServer.http(200, #"{"configs":[]}"#)
      }
      let dump: JSON = ["configs": [["version_info": file["version_info"] ?? "", "route_config": route]]]
      return RawServer.http(200, (try? String(decoding: JSONEncoder().encode(dump), as: UTF8.self)) ?? "")
    }
    let ask: @Sendable (String, Interval) async throws(Failure) -> String = { url, deadline throws(Failure) in
      try make(folder)
      let split = #"{"clusters":[{"name":"b","weight":100},{"name":"g","weight":0}]}"#
      let routes = #"[{"match":{"prefix":"/"},"route":{"weighted_clusters":\#(split)}}]"#
      let host = #"[{"name":"shop","domains":["*"],"routes":\#(routes)}]"#
      try WholeFile("\(folder)/routes.json").replace(
        with: #"{"version_info":"1","resources":[{"name":"shop","virtual_hosts":\#(host)}]}"#)
      let route = ["file": "\(folder)/routes.json", "blue": "b", "green": "g"].mapValues { Settings.Value.text($0) }
      let router = try BackendFactory<any TrafficRouter>.envoy.make(
        backend(
          "envoy", url,
          ["timeout": .duration(deadline), "routes": .map(Settings(["shop": .map(Settings(route))]))]), context)
      return try await extra.ask(router)
    }
    return Adapter(name: "\(extra.rawValue) envoy", good: good, ask: ask)
  }

  private static func make(_ folder: String) throws(Failure) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(.misconfigured, "\(folder) could not be made")
    }
  }
}
