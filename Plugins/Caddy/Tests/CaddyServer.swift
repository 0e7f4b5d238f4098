import Foundation
import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import CaddyPlugin

/// A Caddy in front of two versions, with one route.
struct CaddyServer {
  let port: Int
  let admin: String
  let child: Child
  private let configuration: String
  private let blue: Int
  private let green: Int

  init(_ name: String = "caddy", blue: Int, green: Int, in rig: Rig) async throws {
    port = try Rig.freePort()
    let adminPort = try Rig.freePort()
    admin = "http://127.0.0.1:\(adminPort)"
    self.blue = blue
    self.green = green
    configuration = """
      {"admin": {"listen": "127.0.0.1:\(adminPort)", "config": {"persist": false}},
       "apps": {"http": {"servers": {"shop": {"listen": ["127.0.0.1:\(port)"], "automatic_https": {"disable": true},
         "routes": [
          {"@id": "testers", "match": [{"not": [{"path": ["*"]}]}], "terminal": true,
           "handle": [{"handler": "reverse_proxy", "upstreams": [{"dial": "127.0.0.1:\(green)"}]}]},
          {"handle": [{"@id": "shop", "handler": "reverse_proxy",
           "load_balancing": {"selection_policy": {"policy": "round_robin"}},
           "upstreams": [{"dial": "127.0.0.1:\(blue)", "max_requests": 1000}]}]}]},
        "other": {"listen": ["127.0.0.1:\(try Rig.freePort())"], "automatic_https": {"disable": true},
         "routes": [
           {"match": [{"path": ["/a"]}], "handle": [{"@id": "first", "handler": "reverse_proxy",
             "load_balancing": {"selection_policy": {"policy": "first"}}, "upstreams": []}]},
           {"match": [{"path": ["/b"]}], "handle": [{"@id": "third", "handler": "reverse_proxy",
             "upstreams": [{"dial": "127.0.0.1:1"}]}]},
           {"match": [{"path": ["/c"]}], "handle": [{"@id": "text", "handler": "static_response", "body": "hello"}]}
         ]}}}}}

      """
    let file = try rig.write(configuration, to: "\(name).json")
    child = try await rig.start(name, try Component.caddy.required(), ["run", "--config", file])
    let port = port
    try await Rig.wait(for: name) { await Rig.get("http://127.0.0.1:\(port)/")?.status == 200 }
  }

  /// As `headgate.yaml` would have it, with its route and some that are wrong.
  func router(timeout: Interval = .seconds(60)) throws(Failure) -> any TrafficRouter {
    let routes = ["shop", "first", "third", "text", "nothing"].map { id in
      var texts = ["id": id, "blue": "127.0.0.1:\(blue)", "green": "127.0.0.1:\(green)"]
      texts["headers"] = ["shop": "testers", "text": "text"][id]
      return (id, texts.mapValues { Settings.Value.text($0) })
    }
    let values = Dictionary(routes.map { ($0.0, Settings.Value.map(Settings($0.1))) }) { first, _ in first }
    let backend = Backend(
      name: "edge", kind: "caddy",
      settings: Settings(["url": .text(admin), "timeout": .duration(timeout), "routes": .map(Settings(values))]))
    let context = BackendContext(
      secret: { name throws(Failure) in throw Failure(.misconfigured, "no secret \(name)") }, stateDirectory: "/",
      baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
    return try BackendFactory<any TrafficRouter>.caddy.make(backend, context)
  }

  /// Gives it its file again, as `caddy reload` does.
  func reload() async throws {
    // It closes the connections of its admin interface when it takes a configuration, also the one that brought it.
    try await Rig.wait(for: "the file to be taken") {
      await Rig.send("POST", "\(admin)/load", json: configuration)?.status == 200
    }
    try await Rig.wait(for: "its admin interface") { await Rig.get("\(admin)/config/")?.status == 200 }
  }

  /// Somebody else's change of something else.
  func set(text: String) async throws {
    try await Rig.wait(for: "another's change") {
      await Rig.send("PATCH", "\(admin)/id/text/body", json: "\"\(text)\"")?.status == 200
    }
  }

  /// The upstreams as Caddy has them, in their order.
  func upstreams() async throws -> [[String: Any]] {
    let body = await Rig.get("\(admin)/id/shop/upstreams")?.body ?? ""
    return try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [[String: Any]] ?? []
  }
}
