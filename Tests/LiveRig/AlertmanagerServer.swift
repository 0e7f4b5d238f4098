import Foundation

/// An Alertmanager by itself, that tells nobody.
package struct AlertmanagerServer: Sendable {
  package let port: Int
  private let child: Child

  package var url: String { "http://127.0.0.1:\(port)" }

  package init(in rig: Rig) async throws {
    port = try Rig.freePort()
    let name = "alertmanager-\(port)"
    let file = try rig.write("route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n", to: "\(name).yml")
    child = try await rig.start(
      name, try Component.alertmanager.required(),
      [
        "--config.file=\(file)", "--storage.path=\(rig.folder)/\(name)", "--web.listen-address=127.0.0.1:\(port)",
        "--cluster.listen-address=",
      ])
    let url = url
    try await Rig.wait(for: "alertmanager") { await Rig.get("\(url)/-/ready")?.status == 200 }
  }

  /// Its alerts that have not ended, as it lists them.
  package func alerts() async throws -> [[String: Any]] {
    guard let (status, body) = await Rig.get("\(url)/api/v2/alerts"), status == 200,
      let alerts = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [[String: Any]]
    else { throw RigError("alertmanager does not list its alerts") }
    return alerts
  }
}
