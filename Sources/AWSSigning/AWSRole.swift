import BackendHTTP
import Foundation
package import PipelineModel
import PluginKit

/// The role of the machine or container that Headgate runs on: temporary keys, fetched anew before they lapse.
package actor AWSRole {
  package enum Place: Hashable, Sendable {
    /// The instance metadata service, version 2.
    case instance(url: String)
    /// An address that a container's agent gives; with a token to show where it asks for one.
    case container(url: String, token: Token?)
  }

  package enum Token: Hashable, Sendable {
    case value(String)
    /// Read anew each time: the agent changes it.
    case file(String)
  }

  /// Keys are fetched anew so long before they lapse.
  static let margin = Interval.minutes(5)

  private let place: Place
  private let http: HTTPBackend
  private let now: @Sendable () -> Timestamp
  private var known: AWSIdentity?

  package init(_ place: Place, name: String, now: @escaping @Sendable () -> Timestamp) {
    self.place = place
    self.now = now
    let url =
      switch place {
      case .instance(let url), .container(let url, _): url
      }
    http = HTTPBackend(
      name: name, url: url, timeout: .seconds(5),
      secret: { name throws(Failure) in throw Failure(.misconfigured, "there is no secret \(name) here") })
  }

  func identity() async throws(Failure) -> AWSIdentity {
    if let known, known.until.map({ $0 - now() > Self.margin }) ?? true { return known }
    do throws(Failure) {
      let fresh =
        switch place {
        case .instance: try await ofInstance()
        case .container(_, let token): try await ofContainer(token)
        }
      known = fresh
      return fresh
    } catch {
      // Keys that are still good do while the service has a bad moment.
      if error.kind == .transient, let known, let until = known.until, until > now() { return known }
      throw error
    }
  }

  /// A session first, then the role's name, then its keys.
  private func ofInstance() async throws(Failure) -> AWSIdentity {
    let attempt = "\(http.name) could not have the machine's role from \(http.url)"
    let session = try await text(
      HTTPCall(.put, "/latest/api/token", headers: [.init("X-aws-ec2-metadata-token-ttl-seconds", "21600")]), attempt)
    let headers = [HTTPCall.Field("X-aws-ec2-metadata-token", session)]
    let folder = "/latest/meta-data/iam/security-credentials/"
    let role = try await text(HTTPCall(.get, folder, headers: headers), attempt)
    guard let name = role.split(whereSeparator: \.isNewline).first else {
      throw Failure(.misconfigured, "\(attempt): the machine has no role")
    }
    return try await identity(HTTPCall(.get, folder + HTTPCall.escaped(name), headers: headers), attempt)
  }

  private func ofContainer(_ token: Token?) async throws(Failure) -> AWSIdentity {
    let attempt = "\(http.name) could not have the container's role from \(http.url)"
    var headers: [HTTPCall.Field] = []
    switch token {
    case .value(let value): headers = [.init("Authorization", value)]
    case .file(let path):
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw Failure(.misconfigured, "\(attempt): its token cannot be read from \(path)")
      }
      headers = [.init("Authorization", text.trimmingCharacters(in: .whitespacesAndNewlines))]
    case nil: break
    }
    return try await identity(HTTPCall(.get, headers: headers), attempt)
  }

  private func identity(_ call: HTTPCall, _ attempt: String) async throws(Failure) -> AWSIdentity {
    try await http.send(call, attempt) { reply throws(Failure) in
      guard reply.isSuccess else { throw reply.refusal("no credentials") }
      return try AWSIdentity(json: reply.body)
    }
  }

  private func text(_ call: HTTPCall, _ attempt: String) async throws(Failure) -> String {
    try await http.send(call, attempt) { reply throws(Failure) in
      guard reply.isSuccess else { throw reply.refusal("no credentials") }
      return String(decoding: reply.body, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }
}
