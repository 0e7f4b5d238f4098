import Foundation
import PipelineModel
import PluginKit

/// A file of route configurations (RDS) with one route in it changed.
struct EnvoyRouteFile {
  /// Name of the route configuration with the route's split.
  var configuration: String
  /// The file as it is.
  var old: String
  /// The file as it is to be; `version` tells it from the old one.
  var new: String
  var version: String

  /// - Throws: `misconfigured` when the file has no split between the route's two clusters, or is no such file.
  init(_ file: WholeFile, configuration wanted: String?, route: EnvoyRoute, edit: EnvoyEdit) throws(Failure) {
    guard let text = try file.text() else { throw Failure(.misconfigured, "there is no file \(file.path)") }
    guard var root = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any],
      let resources = root["resources"] as? [[String: Any]]
    else { throw Failure(.misconfigured, "\(file.path) is no JSON with `resources`, as Envoy reads it") }
    let found = resources.filter { resource in
      (wanted == nil || resource["name"] as? String == wanted)
        && EnvoyJSON.splits(in: resource).contains { $0.splits(route) }
    }
    guard found.count == 1, let name = found[0]["name"] as? String else {
      let which = wanted.map { " \"\($0)\"" } ?? ""
      throw Failure(
        .misconfigured,
        "\(found.count) route configurations\(which) in \(file.path) have weighted_clusters of \(route.blue) and "
          + "\(route.green), where one must\(found.count > 1 ? "; give `configuration`" : "")")
    }
    root["resources"] = resources.map {
      $0["name"] as? String == name ? edit.applied(to: $0, of: route) : $0
    }
    root["version_info"] = nil
    version = "headgate-\(Self.hash(Self.text(root)))"
    root["version_info"] = version
    configuration = name
    old = text
    new = Self.text(root)
  }

  private static func text(_ root: [String: Any]) -> String {
    // What was read as JSON can be written as JSON.
    (try? EnvoyJSON.text(of: root)) ?? ""
  }

  /// FNV-1a, 64 bits.
  private static func hash(_ text: String) -> String {
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
  }
}
