package import PipelineModel

/// A value that is put into the text of a command or a query is read there as a part of it: `1; rm -rf x`, and
/// `x"} or vector(0) #`. So what can end a word or a quoted text is refused, unless a pattern says that it is right.
extension Pipeline {
  /// The parameters whose values are held to plain letters, since some text takes them in and they have no pattern.
  package var plainParameters: [String] {
    let sites = substitutions
    return parametersToBind.filter { $0.kind == .text && $0.pattern == nil && sites[$0.name] != nil }.map(\.name)
  }

  /// Where values become part of a text that something else reads, by parameter.
  var substitutions: [String: Substitution] {
    var found: [String: Substitution] = [:]
    for stage in stages {
      guard case .check(let check) = stage.work else { continue }
      for name in check.command.parameters { found[name, default: Substitution()].commands.append(stage.name) }
      for name in check.directory?.parameters ?? [] {
        found[name, default: Substitution()].directories.append(stage.name)
      }
    }
    for metric in metrics {
      for name in metric.texts.flatMap(\.parameters) {
        found[name, default: Substitution()].queries.append(metric.name)
      }
    }
    return found
  }
}

extension Template {
  /// The stable version is the `version` of a run before.
  fileprivate var parameters: [String] {
    variables.map { $0 == BuiltIn.stable.rawValue ? BuiltIn.version.rawValue : $0 }
  }
}

/// The checks and metrics whose texts take a parameter in.
struct Substitution {
  var commands: [String] = []
  var directories: [String] = []
  var queries: [String] = []

  /// "the command of the check `smoke test`"
  var site: String {
    if let check = commands.first { return "the command of the check \(quote(check))" }
    if let metric = queries.first { return "the query of the metric \(quote(metric))" }
    return "the directory of the check \(quote(directories.first ?? ""))"
  }

  /// - Parameter pattern: what to do about the pattern, as the beginning of the sentence.
  func help(_ pattern: String, _ parameter: String) -> String {
    if commands.isEmpty { return pattern }
    let variable = "\"$\(Template.environmentName(of: parameter))\""
    return "\(pattern), or let the command read `\(variable)` instead of `${\(parameter)}`"
  }
}

extension Parameter {
  /// What a value may hold that becomes part of a text, beside letters and digits of ASCII.
  static let plainSigns = "._:/@+-"

  /// What ends a word, a quoted text or a line for a shell or in a query, and what begins something else there.
  private static let dangers = ";\"'`$&|<>(){}#\\\n"

  /// What is wrong with a value for this parameter when it also becomes part of a text; `nil`: nothing. The default is
  /// its author's own text, as the command and the query are.
  func mistake(in value: String, putInto substitution: Substitution?) -> UnitMistake? {
    if let mistake = mistake(in: value) { return mistake }
    guard let substitution, kind == .text, pattern == nil, value != self.default else { return nil }
    let isDash = value.hasPrefix("-")
    guard let sign = isDash ? "-" : value.unicodeScalars.first(where: { !Self.isPlain($0) }) else { return nil }
    let pattern = "say by `pattern:` under `parameters:` what \(quote(name)) may be"
    return UnitMistake(
      message: "\(quote(String(sign))) is not allowed \(isDash ? "at the beginning" : "in it"), "
        + "since the value becomes part of \(substitution.site)",
      help: substitution.help(pattern, name))
  }

  /// What its pattern lets through that does harm in a text; `nil`: nothing, or it has none.
  var danger: Unicode.Scalar? {
    guard kind == .text, let text = pattern, let pattern = try? Pattern(text) else { return nil }
    return Self.dangers.unicodeScalars.first { pattern.mentions($0) }
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9": true
    default: plainSigns.unicodeScalars.contains(scalar)
    }
  }
}
