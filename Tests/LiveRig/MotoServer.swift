import Foundation

/// A stand-in for AWS that knows its wire formats, not its behaviour.
package struct MotoServer: Sendable {
  package let port: Int

  package init(in rig: Rig) async throws {
    port = try Rig.freePort()
    _ = try await rig.start("moto", try Component.moto.required(), ["-H", "127.0.0.1", "-p", "\(port)"])
    let url = url
    try await Rig.wait(for: "moto") { await Rig.get("\(url)/moto-api/data.json")?.status == 200 }
  }

  package var url: String { "http://127.0.0.1:\(port)" }
}
