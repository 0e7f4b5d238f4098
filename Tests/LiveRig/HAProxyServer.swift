import Foundation
import Glibc
import HAProxyPlugin
package import PipelineModel

/// A HAProxy in front of two versions, with a route of each kind: `weights`, `share`, `sticky`, `live`.
///
/// Its configuration is `Fixtures/haproxy.cfg`.
package struct HAProxyServer: Sendable {
  package let weightsPort: Int
  package let sharePort: Int
  package let stickyPort: Int
  package let livePort: Int
  package let exporterPort: Int
  package let child: Child
  private let folder: String

  package init(blue: Int, green: Int, in rig: Rig) async throws {
    weightsPort = try Rig.freePort()
    sharePort = try Rig.freePort()
    stickyPort = try Rig.freePort()
    livePort = try Rig.freePort()
    exporterPort = try Rig.freePort()
    folder = rig.folder
    _ = try rig.write("", to: "state")
    _ = try rig.write("# shares of green\nshop 0\nsticky 0\n", to: "share.map")
    _ = try rig.write("shop blue\n", to: "live.map")
    _ = try rig.write("", to: "headers.map")
    let configuration = try Rig.fixture(
      "haproxy.cfg",
      [
        "DIR": rig.folder, "BLUE_PORT": "\(blue)", "GREEN_PORT": "\(green)", "WEIGHTS_PORT": "\(weightsPort)",
        "SHARE_PORT": "\(sharePort)", "STICKY_PORT": "\(stickyPort)", "LIVE_PORT": "\(livePort)",
        "EXPORTER_PORT": "\(exporterPort)",
      ])
    let file = try rig.write(configuration, to: "haproxy.cfg")
    child = try await rig.start("haproxy", try Component.haproxy.required(), ["-W", "-f", file])
    let port = weightsPort
    try await Rig.wait(for: "haproxy") { await Rig.get("http://127.0.0.1:\(port)/")?.status == 200 }
  }

  package var socketPath: String { "\(folder)/admin.sock" }

  /// The settings of each route.
  var routes: [(name: String, settings: [(String, String)])] {
    [
      ("weights", [("backend", "shop"), ("blue", "blue"), ("green", "green")]),
      (
        "share",
        [
          ("map", "\(folder)/share.map"), ("key", "shop"), ("header", "x-canary"),
          ("headers", "\(folder)/headers.map"),
        ]
      ),
      ("sticky", [("map", "\(folder)/share.map"), ("key", "sticky")]),
      ("live", [("map", "\(folder)/live.map"), ("key", "shop"), ("blue", "blue"), ("green", "green")]),
    ]
  }

  /// As `headgate.yaml` would have it, with the three routes.
  package func backend(_ name: String, timeout: Interval = .seconds(5)) -> Backend {
    var values: [String: Settings.Value] = [:]
    for route in routes {
      let texts = Dictionary(route.settings.map { ($0, Settings.Value.text($1)) }) { first, _ in first }
      values[route.name] = .map(Settings(texts))
    }
    return Backend(
      name: name, kind: "haproxy",
      settings: Settings([
        "socket": .text(socketPath), "timeout": .duration(timeout), "routes": .map(Settings(values)),
      ]))
  }

  /// One line of the runtime API, and the answer.
  package func ask(_ line: String) async throws -> String {
    try await RuntimeSocket(.unix(path: socketPath), timeout: .seconds(5)).ask(line)
  }

  /// Number of the process that carries the traffic; the child itself only watches over it.
  package func worker() async throws -> Int32 {
    let lines = try await ask("show info").split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("Pid: ") }), let pid = Int32(line.dropFirst(5)) else {
      throw RigError("haproxy did not tell its worker")
    }
    return pid
  }

  /// Reloads the configuration, which forgets everything set at run time, and waits until the new worker is alone.
  ///
  /// For a while both workers take questions on the same socket, and a second reload in that time would be lost. The
  /// old one says in the log when it has stopped to listen.
  package func reload() async throws {
    let old = newestWorker
    try await Rig.wait(for: "haproxy to reload") {
      // A signal that comes at the moment the master goes to sleep is seen with the next one only.
      child.signal(SIGUSR2)
      return (try? await Rig.wait(for: "haproxy to see the signal", seconds: 3) { newestWorker != old }) != nil
    }
    try await Rig.wait(for: "haproxy's old worker") { child.output.contains("(\(old)) : Proxy live stopped") }
    var newest = old
    // A second signal may have been seen after all.
    while newest != newestWorker {
      newest = newestWorker
      for _ in 1...3 {
        try await Rig.wait(for: "haproxy's new worker") { (try? await worker()) == newestWorker }
      }
    }
  }

  /// As the log has it: `New worker (123) forked`.
  private var newestWorker: Int32 {
    let parts = child.output.split(separator: "New worker (")
    return parts.count < 2 ? 0 : parts.last.flatMap { Int32($0.prefix { $0 != ")" }) } ?? 0
  }
}
