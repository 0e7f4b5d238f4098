import PipelineModel

/// Reports routes of a router that break the rules of its kind.
struct RouteRules {
  private struct Route {
    var name: Located<String>
    /// Of settings that are written as text.
    var settings: [String: Located<String>] = [:]
    /// Of all settings.
    var places: [String: Place] = [:]

    /// - Parameter known: names of settings; a misspelt one counts as the one that was probably meant.
    init(_ entry: SyntaxNode.Entry, _ known: [String]) {
      name = entry.key
      for setting in entry.value.mapEntries ?? [] {
        let written = setting.key.value
        let key = known.contains(written) ? written : nearKey(of: written, among: known) ?? written
        places[key] = setting.key.place
        guard case .scalar(let scalar) = setting.value.content else { continue }
        settings[key] = Located(scalar.text, at: setting.value.place)
      }
    }
  }

  private let routes: [Route]
  private let sink: DiagnosticSink

  /// - Parameter node: the mapping under `routes:`.
  init(of node: SyntaxNode, _ schema: SettingsSchema, _ sink: DiagnosticSink) {
    let known = schema.settings.map(\.name)
    routes = (node.mapEntries ?? []).filter { $0.value.mapEntries != nil }.map { Route($0, known) }
    self.sink = sink
  }

  func check(_ rules: [RouteRule]) {
    for rule in rules {
      switch rule {
      case .oneOf(let names): for route in routes { check(route, hasOneOf: names) }
      case .needs: break
      case .own(let names): checkOwn(names)
      }
    }
    for route in routes { checkNeeds(of: route, rules) }
  }

  /// What is missing is told once, with the first that needs it.
  private func checkNeeds(of route: Route, _ rules: [RouteRule]) {
    var told: Set<String> = []
    for case .needs(let setting, let other) in rules where !told.contains(other) {
      if check(route, setting, needs: other) { told.insert(other) }
    }
  }

  private func check(_ route: Route, hasOneOf names: [String]) {
    let given = names.filter { route.places[$0] != nil }
    if given.count == 1 { return }
    let list = names.map { "`\($0)`" }.joined(separator: " and ")
    if let second = given.dropFirst().first, let place = route.places[second] {
      sink.error("a route has one of \(list), not both", at: place, help: "leave one of them out")
    } else {
      sink.error(
        "the route \(quote(route.name.value)) needs one of \(list)", at: route.name.place, help: "give one of them")
    }
  }

  /// - Returns: whether it is missing.
  private func check(_ route: Route, _ setting: String, needs other: String) -> Bool {
    guard let place = route.places[setting], route.places[other] == nil else { return false }
    sink.error("`\(setting)` needs `\(other)` beside it", at: place, help: "give `\(other)`, or leave `\(setting)` out")
    return true
  }

  private func checkOwn(_ names: [String]) {
    var first: [[String]: Located<String>] = [:]
    for route in routes {
      let values = names.compactMap { route.settings[$0] }
      guard values.count == names.count, let place = values.last?.place else { continue }
      if let other = first[values.map(\.value)] {
        let what = names.map { "`\($0)`" }.joined(separator: " and ")
        sink.error(
          "the route \(quote(other.value)) has the same \(what): the two would overwrite each other", at: place,
          help: "give each route its own")
      } else {
        first[values.map(\.value)] = route.name
      }
    }
  }
}
