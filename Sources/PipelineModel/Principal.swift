/// Who did it, as the audit log keeps it.
package struct Principal: Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case person, token, controller
  }
  package var kind: Kind
  package var name: String

  package init(kind: Kind, name: String) {
    self.kind = kind
    self.name = name
  }
  package static func person(_ name: String) -> Principal { Principal(kind: .person, name: name) }
  package static let controller = Principal(kind: .controller, name: "headgate")

  /// `person:alice`
  package var description: String { "\(kind.rawValue):\(name)" }
}
