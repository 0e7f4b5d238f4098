import Foundation
package import PipelineModel
package import PluginKit

/// The settings that every HTTP backend has, and the backend made of them.
package enum HTTPSettings {
  /// - Parameter url: what the address must look like, one sentence.
  package static func settings(url: String) -> SettingsSchema {
    [.init("url", .text, .url, required: true, about: url)] + withoutURL
  }

  /// The same for backends that find their address by other means.
  package static let withoutURL = SettingsSchema(
    [
      .init("timeout", .duration, about: "Longest wait for one answer; 10s unless given."),
      .init("bearer", .secret, about: "Token to send as Authorization: Bearer."),
      .init("basic", .map(basic), about: "User and password to send as Authorization: Basic."),
      .init("headers", .mapOf(.text), headerName, about: "More headers to send, for example a tenant."),
      .init(
        "secretHeaders", .mapOf(.secret), headerName,
        about: "Headers whose values are secrets, for example an API key."),
      .init("tls", .map(tls), about: "Whom to trust, and how to show who asks by a certificate."),
    ], rules: [.atMostOneOf(["bearer", "basic"])])

  private static let basic: SettingsSchema = [
    .init("user", .text, required: true, about: "User name."),
    .init("password", .secret, required: true, about: "Password."),
  ]

  private static let tls = SettingsSchema(
    [
      .init("ca", .text, about: "File of the only authorities to trust, in PEM; the system's unless given."),
      .init("certificate", .text, about: "File of the client's certificate and its issuers, in PEM."),
      .init("key", .secret, about: "The client's key, in PEM and not encrypted."),
    ], rules: SettingsRule.together("certificate", "key"))

  private static let headerName = SettingFormat.matching(
    "[A-Za-z0-9._-]+", example: "X-Scope-OrgID", help: "use letters, digits and - _ . only")
}

extension HTTPBackend {
  /// The backend that settings of `HTTPSettings.settings` describe.
  ///
  /// - Throws: `misconfigured`, saying how to mend it, for what no schema can tell.
  package init(_ backend: Backend, _ context: BackendContext, largestAnswer: Int = 1 << 20) throws(Failure) {
    try self.init(backend, url: backend.settings.text("url") ?? "", context, largestAnswer: largestAnswer)
  }

  /// The same with an address found by other means.
  package init(_ backend: Backend, url: String, _ context: BackendContext, largestAnswer: Int = 1 << 20)
    throws(Failure)
  {
    do throws(Failure) {
      let settings = backend.settings
      let url = try Self.address(url)
      self.init(
        name: backend.name, url: url, timeout: settings.duration("timeout") ?? .seconds(10),
        headers: try Self.headers(settings), credentials: try Self.credentials(settings, context.secret),
        tls: try Self.tls(settings, url, context), secret: context.secret, largestAnswer: largestAnswer)
    } catch {
      throw error.told("\(backend.name): \(error.message)")
    }
  }

  /// The address without trailing slashes.
  private static func address(_ text: String) throws(Failure) -> String {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
      ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty, (1...65535).contains(parts.port ?? 80)
    else {
      throw Failure(.misconfigured, "`url` must look like http://host:9090")
    }
    guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil else {
      throw Failure(
        .misconfigured, "`url` must have no user, query or fragment; give credentials by `basic` or `bearer`")
    }
    var url = text[...]
    while url.hasSuffix("/") { url = url.dropLast() }
    return String(url)
  }

  private static func credentials(_ settings: Settings, _ read: @escaping HTTPCredentials.SecretReader)
    throws(Failure) -> HTTPCredentials
  {
    var credentials = try authorization(settings, read)
    for (name, value) in sorted(settings.map("secretHeaders")) {
      guard case .secret(let secret) = value, HTTPCall.Field.isName(name) else {
        throw Failure(.misconfigured, "header \"\(name)\" has a character that HTTP does not allow")
      }
      credentials = credentials.and(.header(name, secret, read))
    }
    return credentials
  }

  private static func authorization(_ settings: Settings, _ read: @escaping HTTPCredentials.SecretReader)
    throws(Failure) -> HTTPCredentials
  {
    switch (settings.secret("bearer"), settings.map("basic")) {
    case (nil, nil): return .none
    case (let token?, nil): return .bearer(token, read)
    case (nil, let basic?):
      guard let user = basic.text("user"), let password = basic.secret("password") else {
        throw Failure(.misconfigured, "`basic` needs `user` and `password: { secret: … }`")
      }
      return .basic(user: user, password, read)
    default: throw Failure(.misconfigured, "give `bearer` or `basic`, not both")
    }
  }

  private static func headers(_ settings: Settings) throws(Failure) -> [HTTPCall.Field] {
    var headers: [HTTPCall.Field] = []
    for (name, value) in sorted(settings.map("headers")) {
      guard case .text(let text) = value, HTTPCall.Field.isName(name),
        !text.unicodeScalars.contains(where: { $0.value < 32 })
      else {
        throw Failure(.misconfigured, "header \"\(name)\" has a character that HTTP does not allow")
      }
      headers.append(.init(name, text))
    }
    return headers
  }

  private static func tls(_ settings: Settings, _ url: String, _ context: BackendContext) throws(Failure) -> HTTPTLS? {
    guard let tls = settings.map("tls") else { return nil }
    guard url.lowercased().hasPrefix("https:") else {
      throw Failure(.misconfigured, "`tls` is given, and `url` does not begin with https:")
    }
    guard (tls.text("certificate") == nil) == (tls.secret("key") == nil) else {
      throw Failure(.misconfigured, "`tls` needs `certificate` and `key` together, or neither")
    }
    let file = { (name: String) in tls.text(name).map { HTTPTLS.PEM.file(context.path($0)) } }
    return HTTPTLS(
      authority: file("ca"), certificate: file("certificate"), key: tls.secret("key").map { .secret($0) })
  }

  private static func sorted(_ settings: Settings?) -> [(key: String, value: Settings.Value)] {
    (settings?.values ?? [:]).sorted { $0.key < $1.key }
  }
}

extension BackendContext {
  /// A path of the settings, resolved.
  fileprivate func path(_ text: String) -> String { text.hasPrefix("/") ? text : "\(baseDirectory)/\(text)" }
}
