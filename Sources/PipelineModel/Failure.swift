/// Why a backend did not do what it was asked. The engine decides on the kind, never on the text.
///
/// Two are equal when kind and message are: what a backend asked for meanwhile is for whoever asks it again.
package struct Failure: Sendable, Error {
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
  /// How long the backend asks to be left alone, at most `longestPause`; `nil`: it does not say.
  package var retryAfter: Interval?

  package static let longestPause = Interval.hours(24)

  package init(_ kind: Kind, _ message: String, retryAfter: Interval? = nil) {
    self.kind = kind
    self.message = message
    self.retryAfter = retryAfter.map { min(max(.zero, $0), Self.longestPause) }
  }

  /// The same failure in other words.
  package func told(_ message: String) -> Failure { Failure(kind, message, retryAfter: retryAfter) }
}

extension Failure: Hashable {
  package static func == (a: Failure, b: Failure) -> Bool { a.kind == b.kind && a.message == b.message }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(message)
  }
}
