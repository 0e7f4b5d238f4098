import Foundation

/// One version of the small shop, see `Fixtures/service.py`.
package struct DemoService: Sendable {
  package let version: String
  package let port: Int
  package let child: Child

  package init(_ version: String, port: Int? = nil, in rig: Rig) async throws {
    self.version = version
    self.port = try port ?? Rig.freePort()
    let python = try Component.python3.required()
    child = try await rig.start(
      "service-\(version)", python, [Rig.fixturePath("service.py"), version, "\(self.port)"])
    let url = url
    try await Rig.wait(for: "service \(version)") { await Rig.get("\(url)/healthz")?.status == 200 }
  }

  package var url: String { "http://127.0.0.1:\(port)" }

  /// Share of requests answered with 500, seconds each answer is held back, health.
  package func set(errors: Double = 0, delay: Double = 0, isHealthy: Bool = true) async throws {
    let query = "errors=\(errors)&delay=\(delay)&healthy=\(isHealthy ? 1 : 0)"
    guard await Rig.post("\(url)/knobs?\(query)")?.status == 200 else {
      throw RigError("service \(version) did not take \(query)")
    }
  }

  /// Requests it has answered so far.
  package func requests() async throws -> Int {
    guard let body = await Rig.get("\(url)/metrics")?.body else {
      throw RigError("service \(version) did not say what it has done")
    }
    let lines = body.split(separator: "\n").filter { $0.hasPrefix("shop_requests_total{") }
    return lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
  }
}
