import Foundation

/// A service whose people get the variants of a flag that headgate's store has, see `Fixtures/flagged.py`.
package struct FlaggedService: Sendable {
  package let port: Int
  private let child: Child

  /// - Parameter store: need not be there yet.
  package init(_ key: String, environment: String, store: String, in rig: Rig) async throws {
    port = try Rig.freePort()
    let python = try Component.python3.required()
    child = try await rig.start(
      "flagged-\(key)", python, [Rig.fixturePath("flagged.py"), store, environment, key, "\(port)"])
    let url = url
    try await Rig.wait(for: "the service behind \(key)") { await Rig.get("\(url)/healthz")?.status == 200 }
  }

  private var url: String { "http://127.0.0.1:\(port)" }

  /// Share of requests of people with `on` that fail.
  package func set(errors: Double) async throws {
    guard await Rig.post("\(url)/knobs?errors=\(errors)")?.status == 200 else {
      throw RigError("the service did not take errors=\(errors)")
    }
  }

  /// Requests so far of people who had a variant.
  package func requests(of variant: String) async -> Int {
    let lines = await Rig.get("\(url)/metrics")?.body.split(separator: "\n") ?? []
    return lines.filter { $0.contains("variant=\"\(variant)\"") }
      .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
  }
}
