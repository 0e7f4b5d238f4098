import Foundation
import Glibc
import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import NginxPlugin

/// An nginx in front of two versions, with a route of each kind: `weights` and `split`.
struct NginxServer {
  let weightsPort: Int
  let splitPort: Int
  let child: Child
  /// `directory`, `status` and the rest, as `headgate.yaml` would have them.
  var backend: Backend
  private let folder: String
  private let statusAddress: String

  init(_ name: String = "nginx", blue: Int, green: Int, in rig: Rig) async throws {
    weightsPort = try Rig.freePort()
    splitPort = try Rig.freePort()
    let folder = "\(rig.folder)/\(name)"
    try FileManager.default.createDirectory(atPath: "\(folder)/headgate", withIntermediateDirectories: true)
    let main = try rig.write(Self.text(folder, blue, green, weightsPort, splitPort), to: "\(name)/nginx.conf")
    let status = "127.0.0.1:\(try Rig.freePort())"
    self.folder = folder
    statusAddress = status
    backend = Self.backend(folder, main, status, blue, green)
    for (name, route) in try Self.routes(of: backend) {
      try NginxFolder(path: "\(folder)/headgate").file(of: name).replace(
        with: route.fragment(of: name, NginxWish(), status: status).text)
    }
    child = try await rig.start(name, try Component.nginx.required(), ["-p", folder, "-c", main])
    let port = weightsPort
    try await Rig.wait(for: name) { await Rig.get("http://127.0.0.1:\(port)/")?.status == 200 }
  }

  /// The operator's part: it names what Headgate's files define.
  private static func text(_ folder: String, _ blue: Int, _ green: Int, _ weights: Int, _ split: Int) -> String {
    """
    \(getuid() == 0 ? "user root;" : "")
    worker_processes 2; daemon off; pid \(folder)/nginx.pid; error_log stderr notice;
    events { worker_connections 1024; }
    http {
      access_log off;
      client_body_temp_path \(folder)/b; proxy_temp_path \(folder)/p; fastcgi_temp_path \(folder)/f;
      uwsgi_temp_path \(folder)/u; scgi_temp_path \(folder)/s;
      include \(folder)/headgate/*.conf;
      upstream shop_blue { server 127.0.0.1:\(blue); keepalive 32; }
      upstream shop_green { server 127.0.0.1:\(green); keepalive 32; }
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_next_upstream off;
      server { listen 127.0.0.1:\(weights); location / { proxy_pass http://shop; } }
      server {
        listen 127.0.0.1:\(split);
        location / { mirror /copy; proxy_pass http://$shop_slot; }
        location = /copy {
          internal;
          if ($shop_slot_mirror = "") { return 204; }
          proxy_pass http://$shop_slot_mirror$request_uri;
        }
      }
    }

    """
  }

  private static func backend(_ folder: String, _ main: String, _ status: String, _ blue: Int, _ green: Int) -> Backend
  {
    let weights: [String: Settings.Value] = [
      "upstream": .text("shop"), "blue": .text("127.0.0.1:\(blue)"), "green": .text("127.0.0.1:\(green) max_fails=3"),
      "options": .list([.text("keepalive 32")]),
    ]
    let split: [String: Settings.Value] = [
      "variable": .text("$shop_slot"), "blue": .text("shop_blue"), "green": .text("shop_green"),
    ]
    return Backend(
      name: "edge", kind: "nginx",
      settings: Settings([
        "directory": .text("\(folder)/headgate"), "status": .text(status), "prefix": .text(folder),
        "configuration": .text(main),
        "routes": .map(Settings(["weights": .map(Settings(weights)), "split": .map(Settings(split))])),
      ]))
  }

  private static func routes(of backend: Backend) throws -> [(String, NginxRoute)] {
    try (backend.settings.map("routes")?.values ?? [:]).compactMap { name, value in
      guard case .map(let settings) = value else { return nil }
      return (name, try NginxRoute(settings, name: name))
    }
  }

  static func make(_ backend: Backend) throws(Failure) -> any TrafficRouter {
    let context = BackendContext(
      secret: { name throws(Failure) in throw Failure(.misconfigured, "no secret \(name)") }, stateDirectory: "/",
      baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
    return try BackendFactory<any TrafficRouter>.nginx.make(backend, context)
  }

  func router(timeout: Interval = .seconds(60)) throws(Failure) -> any TrafficRouter {
    var backend = backend
    backend.settings.values["timeout"] = .duration(timeout)
    return try Self.make(backend)
  }

  /// One that gives nginx so long to run a new configuration, and all else as long as it takes.
  func router(patience: Interval, reload: [String]? = nil) throws -> any TrafficRouter {
    var router = try #require(try router() as? NginxRouter)
    router.patience = patience
    router.status = NginxStatus(name: "edge", address: statusAddress, timeout: .seconds(60))
    if let reload { router.program.reload = reload }
    return router
  }

  /// What a router without this nginx' folder would know: the same, with another setting.
  func backend(_ setting: String, _ value: Settings.Value) -> Backend {
    var backend = backend
    backend.settings.values[setting] = value
    return backend
  }

  /// What is in the route's file.
  func file(of route: String) throws -> String {
    try String(contentsOf: URL(filePath: "\(folder)/headgate/\(route).conf"), encoding: .utf8)
  }

  /// Somebody else puts everything back to blue, as an installer of configurations does, and waits until nginx runs it.
  func reset() async throws {
    for (name, route) in try Self.routes(of: backend) {
      try NginxFolder(path: "\(folder)/headgate").file(of: name).replace(
        with: route.fragment(of: name, NginxWish(), status: statusAddress).text)
    }
    try await reload()
  }

  /// Reloads, and waits until only new workers are left.
  func reload() async throws {
    let old = Set(workers())
    try await Rig.wait(for: "nginx' new workers") {
      child.signal(SIGHUP)
      return
        (try? await Rig.wait(for: "nginx' old workers to go", seconds: 5) {
          old.isDisjoint(with: workers()) && !workers().isEmpty
        }) != nil
    }
  }

  /// Adds a line to the operator's part.
  func spoil(with line: String) throws {
    let path = "\(folder)/nginx.conf"
    let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    try Data((text + line + "\n").utf8).write(to: URL(filePath: path))
  }

  func workers() -> [Int32] {
    let path = "/proc/\(child.pid)/task/\(child.pid)/children"
    let text = (try? String(contentsOf: URL(filePath: path), encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { Int32($0) }.sorted()
  }

  /// Stops everything without ending it.
  func freeze() {
    for pid in workers() + [child.pid] { kill(pid, SIGSTOP) }
  }

  func thaw() {
    for pid in workers() + [child.pid] { kill(pid, SIGCONT) }
  }
}
