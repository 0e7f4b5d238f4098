import Foundation
package import PipelineModel
import PluginKit

/// How a client shows who it is. Secrets are read anew for each request, so a changed one is used at once.
package struct HTTPCredentials: Sendable {
  /// What a request is given: headers, and what must not be seen in any message.
  package struct Grant: Sendable {
    package var headers: [HTTPCall.Field]
    package var secrets: [String]
    package init(headers: [HTTPCall.Field], secrets: [String]) {
      self.headers = headers
      self.secrets = secrets
    }
  }

  /// Makes the grant for a call that is about to be sent to the address behind it; for what is signed, both are final.
  package var grant: @Sendable (HTTPCall, String) async throws(Failure) -> Grant

  package init(_ grant: @escaping @Sendable (HTTPCall, String) async throws(Failure) -> Grant) { self.grant = grant }

  package typealias SecretReader = @Sendable (String) async throws(Failure) -> String

  package static let none = HTTPCredentials { _, _ in Grant(headers: [], secrets: []) }

  /// `Authorization: Bearer …`
  package static func bearer(_ secret: String, _ read: @escaping SecretReader) -> HTTPCredentials {
    HTTPCredentials { _, _ throws(Failure) in
      let value = try await value(of: secret, read)
      return Grant(headers: [.init("Authorization", "Bearer \(value)")], secrets: [value])
    }
  }

  /// `Authorization: Basic …`
  package static func basic(user: String, _ secret: String, _ read: @escaping SecretReader) -> HTTPCredentials {
    HTTPCredentials { _, _ throws(Failure) in
      let value = try await value(of: secret, read)
      let encoded = Data("\(user):\(value)".utf8).base64EncodedString()
      return Grant(headers: [.init("Authorization", "Basic \(encoded)")], secrets: [encoded, value])
    }
  }

  /// A header whose value is a secret, such as an API key.
  package static func header(_ name: String, _ secret: String, _ read: @escaping SecretReader) -> HTTPCredentials {
    HTTPCredentials { _, _ throws(Failure) in
      let value = try await value(of: secret, read)
      return Grant(headers: [.init(name, value)], secrets: [value])
    }
  }

  /// These and the others, in this order.
  package func and(_ other: HTTPCredentials) -> HTTPCredentials {
    HTTPCredentials { [grant] call, base throws(Failure) in
      let first = try await grant(call, base)
      let second = try await other.grant(call, base)
      return Grant(headers: first.headers + second.headers, secrets: first.secrets + second.secrets)
    }
  }

  /// The secret without the line break that files and commands end with.
  ///
  /// - Throws: `misconfigured` when it cannot be had, or cannot be put into a header.
  package static func value(of secret: String, _ read: SecretReader) async throws(Failure) -> String {
    var value = try await read(secret)[...]
    while let last = value.last, last.isNewline { value = value.dropLast() }
    guard !value.isEmpty, !value.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
      throw Failure(.misconfigured, "the secret \(secret) is empty or has a line break in it")
    }
    return String(value)
  }
}
