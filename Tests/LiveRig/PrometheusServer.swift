import Foundation
import Glibc
package import PipelineModel

/// A Prometheus that reads its targets every second.
package struct PrometheusServer: Sendable {
  package let port: Int
  package let child: Child
  private let arguments: [String]
  private let isSecure: Bool

  /// - Parameters:
  ///   - targets: ports on loopback with `/metrics`.
  ///   - isSecure: whether it speaks TLS, and wants `TLSFixture.client` and the user `me` with the password `hunter2`.
  package init(targets: [Int] = [], options: [String] = [], isSecure: Bool = false, in rig: Rig) async throws {
    port = try Rig.freePort()
    self.isSecure = isSecure
    let list = targets.map { "\"127.0.0.1:\($0)\"" }.joined(separator: ", ")
    let name = "prometheus-\(port)"
    let file = try rig.write(try Rig.fixture("prometheus.yml", ["TARGETS": list]), to: "\(name).yml")
    arguments =
      [
        "--config.file=\(file)", "--storage.tsdb.path=\(rig.folder)/\(name)", "--storage.tsdb.retention.time=1h",
        "--web.listen-address=127.0.0.1:\(port)",
      ] + options + (isSecure ? ["--web.config.file=\(try Self.secureWeb(in: rig))"] : [])
    child = try await rig.start(name, try Component.prometheus.required(), arguments)
    try await waitUntilReady()
  }

  /// Starts it anew with what it had stored, after it has ended.
  package func startAgain(in rig: Rig) async throws {
    try await Rig.wait(for: "prometheus to end") { !child.isRunning }
    _ = try await rig.start("prometheus-\(port)-again", try Component.prometheus.required(), arguments)
    try await waitUntilReady()
  }

  private static func secureWeb(in rig: Rig) throws -> String {
    try rig.write(try Rig.fixture("prometheus-web.yml", ["TLS": Rig.fixturePath("tls")]), to: "prometheus-web.yml")
  }

  private func waitUntilReady() async throws {
    let (url, child) = (url, child)
    try await Rig.wait(for: "prometheus") {
      if isSecure { return child.output.contains("Server is ready to receive web requests") }
      return await Rig.get("\(url)/-/ready")?.status == 200
    }
  }

  package var url: String { "\(isSecure ? "https" : "http")://127.0.0.1:\(port)" }

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
