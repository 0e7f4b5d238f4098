package import Engine
package import PipelineModel

/// Which entries of the journal an audit shows. What is `nil` does not filter.
package struct EntryFilter: Hashable, Sendable {
  /// At this instant or later.
  package var from: Timestamp?
  /// Before this instant.
  package var to: Timestamp?
  package var service: String?
  package var environment: String?
  /// A name, or kind and name: `alice`, `person:alice`.
  package var actor: String?
  package var kind: Fact.Kind?
  package var run: RunID?
  package var limit: Int?
  package var newestFirst: Bool

  package init(
    from: Timestamp? = nil, to: Timestamp? = nil, service: String? = nil, environment: String? = nil,
    actor: String? = nil, kind: Fact.Kind? = nil, run: RunID? = nil, limit: Int? = nil, newestFirst: Bool = false
  ) {
    self.from = from
    self.to = to
    self.service = service
    self.environment = environment
    self.actor = actor
    self.kind = kind
    self.run = run
    self.limit = limit
    self.newestFirst = newestFirst
  }

  /// Then entries are counted by their numbers.
  var isOnlyAPeriod: Bool {
    service == nil && environment == nil && actor == nil && kind == nil && run == nil
  }

  func matches(_ entry: Entry) -> Bool {
    if let kind, entry.fact.kind != kind { return false }
    if let actor, entry.actor.name != actor, entry.actor.description != actor { return false }
    return true
  }
}

/// One entry of the journal with its proof.
package struct AuditLine: Sendable {
  package var entry: Entry
  /// The canonical bytes, as stored.
  package var canonical: [UInt8]
  /// 32 bytes.
  package var hash: [UInt8]
  package var hexHash: String { hash.withUnsafeBytes { $0.hex } }
  /// What the entry's run changes; `nil` for entries of the store itself.
  package var target: Target?
}
