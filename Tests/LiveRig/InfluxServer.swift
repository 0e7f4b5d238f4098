import Foundation

/// An InfluxDB 1 with a database `m`.
package struct InfluxServer: Sendable {
  package let port: Int
  private let child: Child

  package init(in rig: Rig) async throws {
    port = try Rig.freePort()
    let values = ["DIR": "\(rig.folder)/influxdb", "PORT": "\(port)", "BACKUP_PORT": "\(try Rig.freePort())"]
    let file = try rig.write(try Rig.fixture("influxdb.conf", values), to: "influxdb.conf")
    child = try await rig.start("influxdb", try Component.influxd.required(), ["run", "-config", file])
    let url = url
    try await Rig.wait(for: "influxdb") { await Rig.get("\(url)/ping")?.status == 204 }
    guard await Rig.post("\(url)/query?q=CREATE%20DATABASE%20m")?.status == 200 else {
      throw RigError("influxdb made no database")
    }
  }

  package var url: String { "http://127.0.0.1:\(port)" }

  /// Stores points in line protocol, their times in milliseconds.
  package func store(_ lines: [String]) async throws {
    guard await Rig.post("\(url)/write?db=m&precision=ms", body: lines.joined(separator: "\n"))?.status == 204 else {
      throw RigError("influxdb did not take \(lines.count) lines")
    }
  }

  package func hang() async throws { try await child.hang() }
}
