import PipelineModel
import PluginKit

/// How one route is split in Envoy's configuration.
struct EnvoyRoute: Hashable, Sendable {
  enum Way: Hashable, Sendable {
    /// Weighted clusters with a `runtime_key_prefix`, whose weights the admin interface sets.
    case runtime(prefix: String)
    /// A file of route configurations that Envoy watches; which of them, where there are several.
    case file(WholeFile, configuration: String?)
  }

  var way: Way
  /// Names of clusters.
  var blue: String
  var green: String

  /// What the name of a file of routes looks like.
  static let file = SettingFormat.matching(
    #".*\.json"#, example: "routes.json", help: "Headgate changes JSON, so name a .json file")

  func cluster(_ slot: Slot) -> String { slot == .blue ? blue : green }
}

extension EnvoyRoute {
  /// - Parameter base: the folder that relative paths start from.
  /// - Throws: `misconfigured`, saying what a route needs.
  init(_ settings: Settings, name: String, base: String) throws(Failure) {
    guard let blue = settings.text("blue"), let green = settings.text("green"), !blue.isEmpty, !green.isEmpty else {
      throw Failure(.misconfigured, "\(name): `blue` and `green` are missing; give the cluster of each slot")
    }
    guard blue != green else {
      throw Failure(.misconfigured, "\(name): `blue` and `green` are both \(blue); the two slots must differ")
    }
    self.blue = blue
    self.green = green
    switch (settings.text("runtime"), settings.text("file"), settings.text("configuration")) {
    case (let prefix?, nil, nil) where !prefix.isEmpty: way = .runtime(prefix: prefix)
    case (nil, let path?, let configuration) where !path.isEmpty:
      guard path.hasSuffix(".json") else {
        throw Failure(
          .misconfigured, "\(name): `file` is \"\(path.excerpt(120))\"; Headgate changes JSON, so name a .json file")
      }
      way = .file(WholeFile(path.hasPrefix("/") ? path : "\(base)/\(path)"), configuration: configuration)
    default:
      throw Failure(
        .misconfigured,
        "\(name): give `runtime` (the runtime_key_prefix of weighted clusters), or `file` and perhaps `configuration` "
          + "(route configurations in a file that Envoy watches)")
    }
  }
}
