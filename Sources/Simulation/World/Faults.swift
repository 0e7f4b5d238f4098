import PipelineModel

/// The faults that are on, by the backend's name.
struct Faults<Kind: Sendable>: Sendable {
  private var active: [(name: String, kind: Kind, until: Timestamp)] = []

  mutating func set(_ name: String, _ kind: Kind, until: Timestamp) {
    active.removeAll { $0.name == name }
    active.append((name, kind, until))
  }

  /// The name is only asked for when there are faults.
  func fault(of name: @autoclosure () -> String, at now: Timestamp) -> Kind? {
    if active.isEmpty { return nil }
    let name = name()
    return active.first { $0.name == name && now < $0.until }?.kind
  }
}
