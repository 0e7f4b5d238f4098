/// What a flag is for one context, and why.
package struct Resolution: Equatable, Sendable {
  /// The OpenFeature reasons that an evaluation can have.
  package enum Reason: String, Hashable, Sendable, CaseIterable {
    case `static` = "STATIC"
    case `default` = "DEFAULT"
    case targetingMatch = "TARGETING_MATCH"
    case disabled = "DISABLED"
    case error = "ERROR"
  }

  package enum ErrorCode: String, Hashable, Sendable, CaseIterable {
    case flagNotFound = "FLAG_NOT_FOUND"
    case parseError = "PARSE_ERROR"
    case typeMismatch = "TYPE_MISMATCH"
    case general = "GENERAL"
  }

  package struct Failure: Hashable, Sendable, Error {
    package var code: ErrorCode
    /// What happened, for the author of the flag.
    package var details: String

    package init(code: ErrorCode, details: String) {
      self.code = code
      self.details = details
    }
  }

  /// `nil` where the client is to use its own default.
  package var value: JSONValue?
  package var variant: String?
  package var reason: Reason
  /// Present exactly when `reason` is `error`.
  package var failure: Failure?
  package var metadata: JSONObject

  static func failed(_ code: ErrorCode, _ details: String, metadata: JSONObject = JSONObject()) -> Resolution {
    Resolution(reason: .error, failure: Failure(code: code, details: details), metadata: metadata)
  }

  private init(reason: Reason, failure: Failure?, metadata: JSONObject) {
    self.reason = reason
    self.failure = failure
    self.metadata = metadata
  }

  init(of flag: Flag, variant index: Int?, _ reason: Reason) {
    value = index.map { flag.variants[$0].value }
    variant = index.map { flag.variants[$0].name }
    self.reason = reason
    metadata = flag.metadata
  }

  /// The same for a client that asks for one type.
  package func read(as accessor: Accessor) -> Resolution {
    guard let value, !accessor.accepts(value) else { return self }
    return .failed(
      .typeMismatch, "\(accessor.rawValue) was asked for; the flag's value is \(value.kindName)", metadata: metadata)
  }
}
