package import PipelineModel

extension Wire {
  /// Why a call was not done.
  package struct Problem: Codable, Hashable, Sendable {
    package var code: Int
    /// One line for people: what was attempted, on what, what came back. No secrets.
    package var message: String
    /// More about it; `retryAfter`: for how many seconds the backend asks to be left alone.
    package var data: JSON?

    package init(code: Int, message: String, data: JSON? = nil) {
      self.code = code
      self.message = message
      self.data = data
    }

    package init(_ failure: Failure) {
      let data: JSON? = failure.retryAfter.map { ["retryAfter": .number($0.seconds)] }
      self.init(code: failure.kind.code, message: failure.message, data: data)
    }

    /// The codes of JSON-RPC itself.
    package static let unknownMethod = -32601
    package static let badParams = -32602
    /// The answer to a call that was given up.
    package static let cancelled = -32800

    /// How long the backend asks to be left alone, at most a day; `nil` when no such number is given.
    package var retryAfter: Interval? {
      guard case .number(let seconds)? = data?["retryAfter"], seconds >= 0 else { return nil }
      return .milliseconds(Int64((min(seconds, 86_400) * 1000).rounded(.up)))
    }

    /// A call that the plugin's program is not written for is the operator's to mend, and a slip in the program is worth
    /// another try.
    package var kind: Failure.Kind {
      switch code {
      case Failure.Kind.transient.code, Self.cancelled: .transient
      case Failure.Kind.rejected.code, Self.badParams: .rejected
      case Failure.Kind.misconfigured.code, Self.unknownMethod: .misconfigured
      default: .transient
      }
    }
  }
}

extension Failure.Kind {
  /// In `error.code` of an answer.
  package var code: Int {
    switch self {
    case .transient: -32001
    case .rejected: -32002
    case .misconfigured: -32003
    }
  }
}
