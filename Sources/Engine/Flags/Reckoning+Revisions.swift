package import Flags
package import PipelineModel

extension Reckoning {
  /// Who moves from one revision to the next, among people made up for their rules or among those given.
  package init(
    from old: FlagRevision?, to new: FlagRevision, over people: [JSONObject]? = nil, count: Int? = nil,
    at now: Timestamp
  ) {
    self.init(from: old?.served, to: new.served, over: people, count: count, at: now)
  }
}

extension FlagRevision {
  /// The flag as it is served; `nil` of one that is not.
  package var served: Flag? {
    guard !isArchived, let definition = try? FlagDefinition(text: definition) else { return nil }
    return definition.reading(key: name.key, generation).set?[name.key]
  }
}
