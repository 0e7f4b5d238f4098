import Foundation
import Glibc

/// A PostgreSQL with a database `shop`, a role `reader` whose password is `hunter2`, and a superuser `postgres`.
package struct PostgresServer: Sendable {
  package let port: Int
  package let folder: String
  private let child: Child
  private let prefix: [String]

  package init(in rig: Rig) async throws {
    port = try Rig.freePort()
    folder = "\(rig.folder)/postgres"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // PostgreSQL refuses to run as root.
    let isRoot = getuid() == 0
    if isRoot { try FileManager.default.setAttributes([.ownerAccountName: "postgres"], ofItemAtPath: folder) }
    prefix = isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
    let initdb = try Component.initdb.required()
    let secrets = try rig.write("hunter2\n", to: "postgres/password")
    chmod(secrets, 0o644)
    let making = try await rig.start(
      "initdb", "/usr/bin/env",
      prefix + [initdb, "-D", "\(folder)/data", "-U", "postgres", "-A", "scram-sha-256", "--pwfile", secrets, "-N"])
    guard try await making.ending() == 0 else { throw RigError("initdb failed: \(making.output.suffix(500))") }
    child = try await rig.start(
      "postgres", "/usr/bin/env",
      prefix + [
        "\(URL(filePath: initdb).deletingLastPathComponent().path)/postgres", "-D", "\(folder)/data", "-p", "\(port)",
        "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
      ])
    try await Rig.wait(for: "postgres") { [self] in (try? await tell(rig, ["SELECT 1"], in: "postgres")) != nil }
    try await tell(rig, ["CREATE DATABASE shop", "CREATE ROLE reader LOGIN PASSWORD 'hunter2'"], in: "postgres")
  }

  /// Runs statements as the superuser.
  package func tell(_ rig: Rig, _ statements: [String], in database: String = "shop") async throws {
    let psql = try await rig.start(
      "psql", "/usr/bin/env",
      [
        "PGPASSWORD=hunter2", try Component.psql.required(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
        "-p",
        "\(port)", "-U", "postgres", "-d", database,
      ] + statements.flatMap { ["-c", $0] })
    guard try await psql.ending() == 0 else { throw RigError("psql failed: \(psql.output.suffix(500))") }
  }

  package func hang() async throws { try await child.hang() }
}
