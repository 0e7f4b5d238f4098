import Foundation
package import Testing

/// A program from elsewhere that live tests need.
package enum Component: String, Sendable, CaseIterable {
  case caddy, cc, envoy, haproxy, influxd, initdb, jq, nginx, prometheus, psql, python3
  case carbon = "carbon-cache"
  case graphite = "graphite-manage"
  case moto = "moto_server"
  case alertmanager = "prometheus-alertmanager"
  /// Python with the OpenFeature SDK and its providers for OFREP and flagd.
  case openFeature = "openfeature-python"
  /// Python with a validator of JSON schemas.
  case jsonSchema = "jsonschema-python"

  /// Where it is; `nil` when it is not installed.
  package var path: String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return (folders + [Self.toolsFolder, "/usr/local/bin", "/usr/bin", "/usr/sbin", "/sbin"] + Self.postgresFolders)
      .map { "\($0)/\(rawValue)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Where script/bootstrap puts programs that Debian does not have.
  private static var toolsFolder: String {
    let environment = ProcessInfo.processInfo.environment
    return (environment["HEADGATE_TOOLS"] ?? "\(environment["HOME"] ?? "")/.local/share/headgate/tools") + "/bin"
  }

  /// Where Debian keeps the servers of PostgreSQL, the latest first.
  private static var postgresFolders: [String] {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(root)/\($0)/bin" }
  }

  package func required() throws -> String {
    guard let path else { throw RigError("\(rawValue) is not installed; run script/bootstrap live") }
    return path
  }
}

extension Trait where Self == ConditionTrait {
  /// The test needs these programs. Where one is missing, it is skipped and says so; with `CI` set it runs, and fails.
  package static func live(_ components: Component...) -> Self {
    let missing = components.filter { $0.path == nil }.map(\.rawValue)
    let isCI = ProcessInfo.processInfo.environment["CI"] != nil
    let names = missing.joined(separator: ", ")
    return .enabled(if: missing.isEmpty || isCI, "\(names) not installed; run script/bootstrap live")
  }
}

/// What went wrong while a live test was being set up.
package struct RigError: Error, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}
