import Foundation
import Glibc

/// Requests sent to a loopback port over connections that stay open; nothing is tried twice. See `Fixtures/load.py`.
package struct Load: Sendable {
  private let child: Child

  package struct Report: Decodable, Sendable {
    package var requests: Int
    /// Answers by HTTP status.
    package var statuses: [String: Int]
    /// Answers by the version that gave them.
    package var versions: [String: Int]
    /// Requests that got no answer, by reason.
    package var failures: [String: Int]
    /// Versions each user got, where requests were those of users.
    package var users: [String: [String]]

    /// Requests without an answer, or with one of 500 and more.
    package var failed: Int {
      failures.values.reduce(0, +) + statuses.filter { $0.key >= "500" }.values.reduce(0, +)
    }

    /// Share of the answers that came from a version.
    package func share(of version: String) -> Double {
      Double(versions[version] ?? 0) / Double(max(1, versions.values.reduce(0, +)))
    }
  }

  /// Starts to send, `rate` a second or as fast as it goes, until `stop`.
  ///
  /// - Parameter isFresh: each request has a connection of its own, as for a router that closes idle ones on a reload.
  package static func start(
    to port: Int, rate: Double? = nil, connections: Int = 20, isFresh: Bool = false, headers: [String] = [],
    in rig: Rig
  ) async throws -> Load {
    let rates = rate.map { ["--rate", "\($0)"] } ?? []
    return try await Load(
      ["\(port)", "--connections", "\(connections)"] + rates + more(isFresh, headers), in: rig)
  }

  /// Sends a number of requests and waits for the last answer.
  package static func send(
    _ requests: Int, to port: Int, connections: Int = 20, isFresh: Bool = false, headers: [String] = [],
    users: Int? = nil, in rig: Rig
  ) async throws -> Report {
    let named = users.map { ["--users", "\($0)"] } ?? []
    let load = try await Load(
      ["\(port)", "--requests", "\(requests)", "--connections", "\(connections)"] + more(isFresh, headers) + named,
      in: rig)
    try await Rig.wait(for: "\(requests) requests", seconds: 300) { !load.child.isRunning }
    return try load.report()
  }

  private static func more(_ isFresh: Bool, _ headers: [String]) -> [String] {
    (isFresh ? ["--fresh"] : []) + headers.flatMap { ["--header", $0] }
  }

  private init(_ arguments: [String], in rig: Rig) async throws {
    let python = try Component.python3.required()
    let name = "load-\(UUID().uuidString.prefix(8))"
    child = try await rig.start(name, python, [Rig.fixturePath("load.py")] + arguments)
  }

  package func stop() async throws -> Report {
    await child.stop()
    return try report()
  }

  private func report() throws -> Report {
    guard let line = child.output.split(separator: "\n").last,
      let report = try? JSONDecoder().decode(Report.self, from: Data(line.utf8))
    else { throw RigError("the load ended without a report: \(child.output.suffix(400))") }
    return report
  }
}
