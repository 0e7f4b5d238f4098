package import Hummingbird

/// Why a request was not answered as it wished, as a JSON problem (RFC 9457): what is wrong, a code for programs, and how
/// to mend it.
package struct Problem: Error, Hashable, Sendable {
  /// For programs; its wording never changes.
  package enum Code: String, Hashable, Sendable, CaseIterable {
    case badRequest = "bad-request"
    case unauthorized
    case forbidden
    case notFound = "not-found"
    case conflict
    /// The `If-Match` of a change names another revision than the last.
    case stale
    case tooLarge = "too-large"
    case invalid
    /// A change without `If-Match`.
    case revisionRequired = "revision-required"
    case tooMany = "too-many"
    case unavailable
    case unexpected
  }

  package var code: Code
  /// One sentence without a full stop.
  package var detail: String
  /// One sentence without a full stop: what to do about it.
  package var mend: String?
  /// Whole seconds after which another try makes sense.
  package var retryAfter: Int?

  package init(_ code: Code, _ detail: String, mend: String? = nil, retryAfter: Int? = nil) {
    self.code = code
    self.detail = detail
    self.mend = mend
    self.retryAfter = retryAfter
  }

  package var status: HTTPResponse.Status {
    switch code {
    case .badRequest: .badRequest
    case .unauthorized: .unauthorized
    case .forbidden: .forbidden
    case .notFound: .notFound
    case .conflict: .conflict
    case .stale: .preconditionFailed
    case .tooLarge: .contentTooLarge
    case .invalid: .unprocessableContent
    case .revisionRequired: .preconditionRequired
    case .tooMany: .tooManyRequests
    case .unavailable: .serviceUnavailable
    case .unexpected: .internalServerError
    }
  }

  var title: String {
    switch code {
    case .badRequest: "The request cannot be read"
    case .unauthorized: "A token is wanted"
    case .forbidden: "The token does not allow this"
    case .notFound: "There is no such thing here"
    case .conflict: "What was asked for was refused"
    case .stale: "Somebody else was faster"
    case .tooLarge: "The request is too large"
    case .invalid: "What was sent is not valid"
    case .revisionRequired: "Say which revision you have seen"
    case .tooMany: "Too many requests"
    case .unavailable: "Not now"
    case .unexpected: "Something went wrong here"
    }
  }
}
