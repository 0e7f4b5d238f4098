import PluginKit

/// The folder of nginx's configuration that is Headgate's, one file for each route.
struct NginxFolder: Sendable {
  var path: String

  func file(of route: String) -> WholeFile { WholeFile("\(path)/\(route).conf") }
}
