import PipelineModel

/// Reports routes of a router that would get in each other's way.
struct DistinctRoutes {
  private struct Route {
    var name: Located<String>
    /// Of settings that are written as text.
    var settings: [String: Located<String>] = [:]

    /// - Parameter known: names of settings; a misspelt one counts as the one that was probably meant.
    init(_ entry: SyntaxNode.Entry, _ known: [String]) {
      name = entry.key
      for setting in entry.value.mapEntries ?? [] {
        let written = setting.key.value
        let key = known.contains(written) ? written : nearKey(of: written, among: known) ?? written
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

  /// - Parameter lists: where a route has all of one of these, no other may have them all alike.
  func check(_ lists: [[String]]) {
    for names in lists { check(names) }
  }

  private func check(_ names: [String]) {
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
