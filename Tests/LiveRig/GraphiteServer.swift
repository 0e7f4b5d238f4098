import Foundation

/// A carbon-cache that takes points, and a graphite-web that answers from it; one place a second.
package struct GraphiteServer: Sendable {
  package let port: Int
  private let linePort: Int
  private let web: Child

  package init(in rig: Rig) async throws {
    port = try Rig.freePort()
    linePort = try Rig.freePort()
    let folder = "\(rig.folder)/graphite"
    for part in ["storage/whisper", "log"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
    }
    let values = [
      "DIR": folder, "LINE_PORT": "\(linePort)", "PICKLE_PORT": "\(try Rig.freePort())",
      "QUERY_PORT": "\(try Rig.freePort())",
    ]
    for file in ["carbon.conf", "storage-schemas.conf", "gsettings.py"] {
      _ = try rig.write(try Rig.fixture("graphite/\(file)", values), to: "graphite/\(file)")
    }
    _ = try await rig.start(
      "carbon", try Component.carbon.required(),
      ["--config=\(folder)/carbon.conf", "--nodaemon", "--logdir=\(folder)/log", "start"])
    let surroundings = ["PYTHONPATH=\(folder)", "DJANGO_SETTINGS_MODULE=gsettings", try Component.graphite.required()]
    let migration = try await rig.start(
      "graphite-migrate", "/usr/bin/env", surroundings + ["migrate", "--run-syncdb"])
    guard try await migration.ending() == 0 else { throw RigError("graphite-manage migrate failed") }
    web = try await rig.start(
      "graphite-web", "/usr/bin/env", surroundings + ["runserver", "--noreload", "127.0.0.1:\(port)"])
    let url = url
    try await Rig.wait(for: "graphite-web") { await Rig.get("\(url)/render?format=json&target=nothing")?.status == 200 }
  }

  package var url: String { "http://127.0.0.1:\(port)" }

  /// Stores a value at a time in seconds since 1970, and waits until the last of each name is answered.
  package func store(_ points: [(name: String, value: Double, seconds: Int64)]) async throws {
    let lines = points.map { "\($0.name) \($0.value) \($0.seconds)\n" }.joined()
    try await Rig.wait(for: "carbon") { (try? Rig.send(lines, to: linePort)) != nil }
    for last in Dictionary(points.map { ($0.name, $0) }, uniquingKeysWith: { $1 }).values {
      let query = "format=json&target=\(last.name)&from=\(last.seconds - 1)&until=\(last.seconds)"
      try await Rig.wait(for: "\(last.name) to be stored") {
        await Rig.get("\(url)/render?\(query)")?.body.contains("[\(last.value), \(last.seconds)]") == true
      }
    }
  }

  package func hang() async throws { try await web.hang() }
}
