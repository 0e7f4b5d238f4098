import Foundation
import Glibc
package import PipelineModel

/// A Prometheus that reads its targets every second.
package struct PrometheusServer: Sendable {
  package let port: Int
  package let child: Child

  /// - Parameter targets: ports on loopback with `/metrics`.
  package init(targets: [Int] = [], options: [String] = [], in rig: Rig) async throws {
    port = try Rig.freePort()
    let list = targets.map { "\"127.0.0.1:\($0)\"" }.joined(separator: ", ")
    let name = "prometheus-\(port)"
    let file = try rig.write(try Rig.fixture("prometheus.yml", ["TARGETS": list]), to: "\(name).yml")
    child = try await rig.start(
      name, try Component.prometheus.required(),
      [
        "--config.file=\(file)", "--storage.tsdb.path=\(rig.folder)/\(name)", "--storage.tsdb.retention.time=1h",
        "--web.listen-address=127.0.0.1:\(port)",
      ] + options)
    let url = url
    try await Rig.wait(for: "prometheus") { await Rig.get("\(url)/-/ready")?.status == 200 }
  }

  package var url: String { "http://127.0.0.1:\(port)" }

  /// As `headgate.yaml` would have it.
  package func backend(_ name: String, timeout: Interval = .seconds(10)) -> Backend {
    Backend(
      name: name, kind: "prometheus", settings: Settings(["url": .text(url), "timeout": .duration(timeout)]))
  }

  /// It takes connections and says nothing until `resume`.
  package func hang() { child.signal(SIGSTOP) }
  package func resume() { child.signal(SIGCONT) }
  package func stop() async { await child.stop() }

  /// Whether the last scrape of every target went well.
  package func sees(targets: Int) async -> Bool {
    let body = await Rig.get("\(url)/api/v1/query?query=sum(up)")?.body ?? ""
    return body.contains("\"\(targets)\"]")
  }
}
