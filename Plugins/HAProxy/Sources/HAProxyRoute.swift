import PipelineModel
import PluginKit

/// How one route is split in HAProxy's configuration.
enum HAProxyRoute: Hashable, Sendable {
  /// Two servers of one backend share by their weights.
  case servers(backend: String, blue: String, green: String)
  /// A map entry holds one slot's share, 0 to 10 000; the configuration compares it with `rand(10000)`.
  case share(map: String, key: String, of: Slot)
  /// A map entry names the backend that gets everything.
  case live(map: String, key: String, blue: String, green: String)

  /// What a name looks like that becomes part of a command line.
  static let word = SettingFormat.matching(
    "[A-Za-z0-9_.:/#@-]+", example: "shop", help: "use letters, digits and . _ : - / # @ only")

  /// - Throws: `misconfigured`, saying what a route needs.
  init(_ settings: Settings, name: String) throws(Failure) {
    for (setting, value) in settings.values.sorted(by: { $0.key < $1.key }) {
      if case .text(let text) = value { try Self.checkName(text, setting, name) }
    }
    let texts = settings.text
    switch (texts("backend"), texts("map"), texts("key"), texts("blue"), texts("green")) {
    case (let backend?, nil, nil, let blue?, let green?):
      self = .servers(backend: backend, blue: blue, green: green)
    case (nil, let map?, let key?, nil, nil):
      self = .share(map: map, key: key, of: texts("slot").flatMap(Slot.init(rawValue:)) ?? .green)
    case (nil, let map?, let key?, let blue?, let green?):
      self = .live(map: map, key: key, blue: blue, green: green)
    default:
      throw Failure(
        .misconfigured,
        "\(name): give `backend`, `blue` and `green` (servers that share by weight), or `map` and `key` (a share in a "
          + "map), or `map`, `key`, `blue` and `green` (backends that take turns)")
    }
    if case .servers(_, let blue, let green) = self { try Self.checkDifferent(blue, green, name) }
    if case .live(_, _, let blue, let green) = self { try Self.checkDifferent(blue, green, name) }
  }

  private static func checkDifferent(_ blue: String, _ green: String, _ route: String) throws(Failure) {
    guard blue == green else { return }
    throw Failure(.misconfigured, "\(route): `blue` and `green` are both \(blue); the two slots must differ")
  }

  /// A name becomes part of a command line, where a blank or `;` would begin another word or command.
  private static func checkName(_ text: String, _ setting: String, _ route: String) throws(Failure) {
    let marks = "_.:-/#@".unicodeScalars
    let allowed = text.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || marks.contains(scalar))
    }
    guard allowed, !text.isEmpty else {
      throw Failure(
        .misconfigured, "\(route): `\(setting)` is \"\(text)\"; use letters, digits and . _ : - / # @ only")
    }
  }
}
