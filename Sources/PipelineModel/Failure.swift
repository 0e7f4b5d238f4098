/// Why a backend did not do what it was asked. The engine decides on the kind, never on the text.
package struct Failure: Hashable, Sendable, Error {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Worth asking again: a timeout, a refused connection, 5xx.
    case transient
    /// The request is wrong and will stay wrong: 400, no such server.
    case rejected
    /// The operator must act: bad credentials, no such file, wrong settings.
    case misconfigured
  }
  package var kind: Kind
  /// One line for people: what was attempted, on what, what came back. No secrets.
  package var message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}
