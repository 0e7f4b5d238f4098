import PipelineModel

/// The way to a part of a JSON document: a subset of RFC 9535.
///
/// | written | leads to |
/// |---|---|
/// | `$` | the whole document |
/// | `.name`, `['name']` | the member of that name |
/// | `[2]`, `[-1]` | the item at that index, from 0; from the end when negative |
/// | `[*]`, `.*` | every item, every member's value |
/// | `[?@.name == 'x']`, `!=` | the items whose part has this text, number, `true`, `false` or `null` |
struct JSONPath: Hashable, Sendable {
  indirect enum Segment: Hashable, Sendable {
    case member(String)
    case item(Int)
    case all
    /// Items whose part at the path equals the literal, or does not.
    case having(JSONPath, isEqual: Bool, Answer)
  }

  var segments: [Segment]

  /// The part it leads to.
  ///
  /// - Returns: `null` when there is none. A path with `*` or a filter gives a list; a list of one as that one, as
  ///   providers give one series.
  func part(of document: Answer) -> Answer {
    let found = parts(of: document)
    if found.count == 1 { return found[0] }
    return isDefinite ? .null : .list(found)
  }

  private var isDefinite: Bool {
    segments.allSatisfy { segment in
      switch segment {
      case .member, .item: true
      case .all, .having: false
      }
    }
  }

  private func parts(of document: Answer) -> [Answer] {
    segments.reduce([document]) { answers, segment in answers.flatMap { Self.step(segment, from: $0) } }
  }

  private static func step(_ segment: Segment, from answer: Answer) -> [Answer] {
    switch (segment, answer) {
    case (.member(let name), .object(let members)): members.filter { $0.name == name }.map(\.value)
    case (.item(let index), .list(let items)): item(index < 0 ? items.count + index : index, of: items)
    case (.all, .list(let items)): items
    case (.all, .object(let members)): members.map(\.value)
    case (.having(let path, let isEqual, let literal), .list(let items)):
      items.filter { path.parts(of: $0).contains(literal) == isEqual }
    case (.having(let path, let isEqual, let literal), .object(let members)):
      members.map(\.value).filter { path.parts(of: $0).contains(literal) == isEqual }
    default: []
    }
  }

  private static func item(_ index: Int, of items: [Answer]) -> [Answer] {
    items.indices.contains(index) ? [items[index]] : []
  }
}
