import Foundation
import PipelineModel
package import PluginKit

extension BackendFactory<any MetricProvider> {
  /// Prometheus, and what speaks its HTTP API.
  package static var prometheus: Self {
    Self(
      kind: BackendKind(
        name: "prometheus", port: .metrics, about: "Asks Prometheus, or anything that speaks its HTTP API.",
        settings: SettingsSchema([
          .init("url", .text, required: true, about: "Such as http://prometheus:9090, with its path prefix."),
          .init("timeout", .duration, about: "Longest wait for one answer; 10s unless given."),
          .init("bearer", .secret, about: "Token to send as Authorization: Bearer."),
          .init(
            "basic",
            .map(
              SettingsSchema([
                .init("user", .text, required: true, about: "User name."),
                .init("password", .secret, required: true, about: "Password."),
              ])), about: "User and password to send as Authorization: Basic."),
          .init("headers", .mapOf(.text), about: "More headers to send, for example a tenant."),
        ]),
        capabilities: [.rangeQueries])
    ) { backend, context throws(Failure) in
      PrometheusProvider(
        name: backend.name, url: try url(of: backend), timeout: backend.settings.duration("timeout") ?? .seconds(10),
        headers: try headers(of: backend),
        credentials: PrometheusCredentials(scheme: try scheme(of: backend), secret: context.secret))
    }
  }
}

private func url(of backend: Backend) throws(Failure) -> String {
  let text = backend.settings.text("url") ?? ""
  guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
    ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty
  else {
    throw Failure(.misconfigured, "\(backend.name): `url` must look like http://host:9090")
  }
  guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil else {
    throw Failure(
      .misconfigured,
      "\(backend.name): `url` must have no user, query or fragment; give credentials by `basic` or `bearer`")
  }
  var url = text[...]
  while url.hasSuffix("/") { url = url.dropLast() }
  return String(url)
}

private func scheme(of backend: Backend) throws(Failure) -> PrometheusCredentials.Scheme {
  switch (backend.settings.secret("bearer"), backend.settings.map("basic")) {
  case (nil, nil): return .none
  case (let token?, nil): return .bearer(secret: token)
  case (nil, let basic?):
    guard let user = basic.text("user"), let password = basic.secret("password") else {
      throw Failure(.misconfigured, "\(backend.name): `basic` needs `user` and `password: { secret: … }`")
    }
    return .basic(user: user, secret: password)
  default: throw Failure(.misconfigured, "\(backend.name): give `bearer` or `basic`, not both")
  }
}

private func headers(of backend: Backend) throws(Failure) -> [(name: String, value: String)] {
  var headers: [(name: String, value: String)] = []
  for (name, value) in (backend.settings.map("headers")?.values ?? [:]).sorted(by: { $0.key < $1.key }) {
    guard case .text(let text) = value, isToken(name), !text.unicodeScalars.contains(where: { $0.value < 32 }) else {
      throw Failure(.misconfigured, "\(backend.name): header \"\(name)\" has a character that HTTP does not allow")
    }
    headers.append((name, text))
  }
  return headers
}

private func isToken(_ name: String) -> Bool {
  !name.isEmpty
    && name.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_.".unicodeScalars.contains($0))
    }
}
