/// Who did it, as the audit log keeps it.
package struct Principal: Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case person, token, controller
  }
  package var kind: Kind
  package var name: String
  /// The account that said it acts for this person; `nil`: whoever acts is known to be this one.
  package var saidBy: String?

  package init(kind: Kind, name: String) {
    self.kind = kind
    self.name = name
  }
  package static func person(_ name: String) -> Principal { Principal(kind: .person, name: name) }
  /// A person whom an account names, and who is not known to be there.
  package static func person(_ name: String, saidBy account: String) -> Principal {
    var person = Principal.person(name)
    person.saidBy = account == name ? nil : account
    return person
  }
  package static let controller = Principal(kind: .controller, name: "headgate")

  private static let saidPrefix = "said:"

  /// `person:alice`, `token:shop`; `said:ci:alice` where the account `ci` said that it acts for her.
  package var description: String {
    saidBy.map { "\(Self.saidPrefix)\($0):\(name)" } ?? "\(kind.rawValue):\(name)"
  }

  /// For people: `alice`, or `alice (said by ci)`.
  package var phrase: String { saidBy.map { "\(name) (said by \($0))" } ?? name }

  /// Whether two that act may be one and the same, so that the one cannot stand for the eyes that the other is to have
  /// beside it: the same name, or the account behind a name.
  package func mayBe(_ other: Principal) -> Bool {
    if kind == other.kind, name == other.name { return true }
    guard kind == .person, other.kind == .person else { return false }
    return saidBy == other.name || other.saidBy == name
  }

  /// Reads what `description` writes; `nil` for anything else.
  package init?(_ description: String) {
    guard let (word, rest) = Self.parts(of: description) else { return nil }
    if "\(word):" == Self.saidPrefix {
      guard let (account, name) = Self.parts(of: rest), !account.isEmpty else { return nil }
      self = .person(name, saidBy: account)
    } else {
      guard let kind = Kind(rawValue: word) else { return nil }
      self.init(kind: kind, name: rest)
    }
  }

  /// By bytes: a name that begins with a combining mark would take the colon into its first character.
  private static func parts(of text: String) -> (word: String, rest: String)? {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), let word = String(text.utf8[..<colon]) else {
      return nil
    }
    return (word, String(text.unicodeScalars[text.unicodeScalars.index(after: colon)...]))
  }
}
