import BackendHTTP
import Foundation
import PipelineModel
import PluginKit

/// Posts notices to a web address.
///
/// Every request carries the notice's key as `webhook-id`, the same at every try, and with a `signature` the headers of
/// Standard Webhooks, so that its receiver can tell who sent it, and drop a second one.
struct WebhookNotifier: Notifier {
  private enum Address: Sendable {
    case plain(HTTPBackend)
    /// Name of the secret that is the address.
    case secret(String)
  }

  private let backend: Backend
  private let context: BackendContext
  private let address: Address
  private let shape: WebhookShape
  private let templates: NoticeTemplates

  init(_ backend: Backend, _ context: BackendContext) throws(Failure) {
    self.backend = backend
    self.context = context
    shape = backend.settings.text("shape").flatMap(WebhookShape.init) ?? .json
    templates = try NoticeTemplates(backend)
    switch (backend.settings.text("url"), backend.settings.secret("secretUrl")) {
    case (let url?, nil): address = .plain(try HTTPBackend(backend, url: url, context))
    case (nil, let secret?): address = .secret(secret)
    default: throw Failure(.misconfigured, "\(backend.name): give `url` or `secretUrl`, one of them")
    }
  }

  func send(_ notice: Notice) async throws(Failure) {
    let (http, place) = try await target()
    let seconds = context.now().milliseconds / 1000
    let call = HTTPCall(
      .post, headers: [.init("webhook-id", notice.key), .init("webhook-timestamp", "\(seconds)")]
    ).sending(json: try shape.body(of: templates.retell(notice)))
    let attempt = "\(backend.name) could not deliver \"\(notice.title.excerpt(80))\"\(place)"
    try await http.send(call, within: notice.timeout, attempt) { reply throws(Failure) in
      if !reply.isSuccess { throw reply.refusal() }
    }
  }

  /// The address is read anew each time when it is a secret, and is then never shown.
  private func target() async throws(Failure) -> (HTTPBackend, String) {
    var (http, place): (HTTPBackend, String)
    switch address {
    case .plain(let plain): (http, place) = (plain, " to \(plain.url)")
    case .secret(let name):
      let url = try await context.secret(name).split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
      do throws(Failure) {
        http = try HTTPBackend(backend, url: url, context)
      } catch {
        throw Failure(
          .misconfigured, "\(backend.name): what the secret \"\(name)\" holds is no address such as https://host/path")
      }
      http.credentials = http.credentials.and(HTTPCredentials { _, _ in .init(headers: [], secrets: [url]) })
      place = ""
    }
    if let key = backend.settings.secret("signature") {
      http.credentials = http.credentials.and(WebhookSignature.credentials(key, context.secret))
    }
    return (http, place)
  }
}
