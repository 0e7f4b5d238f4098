import PipelineModel

/// The faults that are on, by the backend's name.
struct Faults<Kind: Sendable>: Sendable {
  private var active: [(name: String, kind: Kind, until: Timestamp)] = []

  mutating func set(_ name: String, _ kind: Kind, until: Timestamp) {
    active.removeAll { $0.name == name }
    active.append((name, kind, until))
  }

  func fault(of name: String, at now: Timestamp) -> Kind? {
    active.isEmpty ? nil : active.first { $0.name == name && now < $0.until }?.kind
  }
}
