import Foundation
import PipelineModel
import PluginKit

/// How a provider shows who it is. The secret is read anew for each question, so a changed one is used at once.
struct PrometheusCredentials: Sendable {
  enum Scheme: Sendable {
    case none
    case bearer(secret: String)
    case basic(user: String, secret: String)
  }

  var scheme: Scheme
  var secret: @Sendable (String) async throws(Failure) -> String

  /// - Throws: `misconfigured` when the secret cannot be had, or cannot be put into a header.
  func authorization(provider: String) async throws(Failure) -> Authorization? {
    switch scheme {
    case .none: return nil
    case .bearer(let name):
      let value = try await value(of: name, provider)
      return Authorization(header: "Bearer \(value)", secrets: [value])
    case .basic(let user, let name):
      let value = try await value(of: name, provider)
      let encoded = Data("\(user):\(value)".utf8).base64EncodedString()
      return Authorization(header: "Basic \(encoded)", secrets: [encoded, value])
    }
  }

  /// The secret without the line break that files and commands end with.
  private func value(of name: String, _ provider: String) async throws(Failure) -> String {
    var value = try await secret(name)[...]
    while let last = value.last, last.isNewline { value = value.dropLast() }
    guard !value.isEmpty, !value.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
      throw Failure(.misconfigured, "\(provider): the secret \(name) is empty or has a line break in it")
    }
    return String(value)
  }

  struct Authorization {
    /// Value of the `Authorization` header.
    var header: String
    /// What must not be seen in any message, the longest first.
    var secrets: [String]

    /// `message` with everything secret blotted out: a server may answer with what it was sent.
    func hidden(in message: String) -> String {
      secrets.reduce(message) { $0.replacing($1, with: "•••") }
    }
  }
}
