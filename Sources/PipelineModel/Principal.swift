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

  /// Reads what `description` writes; `nil` for anything else.
  package init?(_ description: String) {
    // By bytes: a name that begins with a combining mark would take the colon into its first character.
    guard let colon = description.utf8.firstIndex(of: UInt8(ascii: ":")),
      let kind = Kind(rawValue: String(description.utf8[..<colon]) ?? "")
    else { return nil }
    self.init(kind: kind, name: String(description.unicodeScalars[description.unicodeScalars.index(after: colon)...]))
  }
}
