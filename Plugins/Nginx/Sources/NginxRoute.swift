import PipelineModel
import PluginKit

/// How one route is split, and the configuration that says so.
struct NginxRoute: Hashable, Sendable {
  enum Split: Hashable, Sendable {
    /// An upstream of two servers, by their weights: exact over any hundred requests. Has more directives of the
    /// upstream's own, such as `keepalive 64`.
    case servers(upstream: String, directives: [String])
    /// `split_clients`: a variable that is one of two names, by the hash of `key`.
    case clients(variable: String, key: String)
  }

  var split: Split
  /// A server's address and parameters, or what the variable becomes.
  var blue: String
  var green: String
}

extension NginxRoute {
  /// What a name looks like in nginx's configuration.
  static let word = SettingFormat.matching(
    "[A-Za-z0-9_.-]+", example: "shop", help: "use letters, digits and . _ - only")

  /// What may stand in nginx's configuration and begin nothing else there.
  static let directive = SettingFormat.matching(
    "[ \(plain)]*[\(plain)][ \(plain)]*", example: "127.0.0.1:8081",
    help: #"use plain characters, but none of ; { } # " ' \ $"#)

  private static let plain = #"!%&()*+,./0-9:<=>?@A-Z\[\]^_`a-z|~-"#

  /// - Throws: `misconfigured`, saying what a route needs.
  init(_ settings: Settings, name: String) throws(Failure) {
    guard let blue = settings.text("blue"), let green = settings.text("green") else {
      throw Failure(.misconfigured, "\(name): `blue` and `green` are missing; give what each slot is")
    }
    guard blue != green else {
      throw Failure(.misconfigured, "\(name): `blue` and `green` are both \(blue); the two slots must differ")
    }
    self.blue = blue
    self.green = green
    switch (settings.text("upstream"), settings.text("variable")) {
    case (let upstream?, nil) where settings.text("by") == nil:
      split = .servers(upstream: upstream, directives: Self.texts(settings["options"]))
    case (nil, let variable?) where settings["options"] == nil:
      let name = variable.hasPrefix("$") ? String(variable.dropFirst()) : variable
      split = .clients(variable: name, key: settings.text("by") ?? "$request_id")
    default:
      throw Failure(
        .misconfigured,
        "\(name): give `upstream` and perhaps `options` (two servers that share by weight), or `variable` and perhaps "
          + "`by` (a variable that names a slot's upstream)")
    }
    try check(name)
  }

  private static func texts(_ value: Settings.Value?) -> [String] {
    guard case .list(let values)? = value else { return [] }
    return values.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  /// Every text becomes part of nginx's configuration, where `;` or `}` would begin something else.
  private func check(_ name: String) throws(Failure) {
    try Self.check(blue, "blue", name)
    try Self.check(green, "green", name)
    switch split {
    case .servers(let upstream, let directives):
      try Self.checkWord(upstream, "upstream", name)
      for directive in directives { try Self.check(directive, "options", name) }
    case .clients(let variable, let key):
      try Self.checkWord(variable, "variable", name)
      try Self.check(key, "by", name, marks: ";\"\\")
    }
  }

  private static func check(
    _ text: String, _ setting: String, _ route: String, marks: String = ";{}#\"'\\$"
  ) throws(Failure) {
    let isPlain = text.unicodeScalars.allSatisfy { (32..<127).contains($0.value) && !marks.unicodeScalars.contains($0) }
    guard isPlain, text.contains(where: { $0 != " " }) else {
      let shown = marks.map { String($0) }.joined(separator: " ")
      throw Failure(
        .misconfigured, "\(route): `\(setting)` is \"\(text.excerpt(80))\"; use plain characters, but none of \(shown)")
    }
  }

  static func checkWord(_ text: String, _ setting: String, _ route: String) throws(Failure) {
    let allowed = text.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" || $0 == "-" || $0 == ".")
    }
    guard allowed, !text.isEmpty else {
      throw Failure(
        .misconfigured, "\(route): `\(setting)` is \"\(text.excerpt(80))\"; use letters, digits and . _ - only")
    }
  }
}
