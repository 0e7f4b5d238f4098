import HTTPTypes
import Hummingbird
import PipelineModel

/// The one place where it is found out who makes a request.
struct Doorkeeper: RouterMiddleware {
  typealias Context = ServerContext

  let tokens: TokenBook
  let now: @Sendable () -> Timestamp

  /// Paths that say nothing about anything.
  private static let open: Set<String> = ["/healthz"]

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    if Self.open.contains(request.uri.path) { return try await next(request, context) }
    var context = context
    context.caller = try caller(of: request)
    guard tokens.admit(context.caller, at: now()) else {
      throw Problem(
        .tooMany, "the token \"\(context.caller.name)\" makes more requests than it may", mend: "ask again later",
        retryAfter: 1)
    }
    return try await next(request, context)
  }

  private func caller(of request: Request) throws(Problem) -> Caller {
    if tokens.isEmpty {
      try mustBeLocal(request)
      return .anybody
    }
    guard let presented = Self.presented(by: request) else {
      if let caller = caller(byTicketOf: request) { return caller }
      throw Problem(
        .unauthorized, "this request has no token", mend: "send `Authorization: Bearer TOKEN`, or `X-API-Key: TOKEN`")
    }
    guard let caller = tokens.caller(presenting: presented) else {
      throw Problem(
        .unauthorized, "this token is not known here",
        mend: "use one whose secret stands under `serve: tokens:` of headgate.yaml")
    }
    return caller
  }

  /// By `Authorization: Bearer …` or `X-API-Key: …`.
  private static func presented(by request: Request) -> String? {
    if let field = request.headers[.authorization] {
      let parts = field.split(separator: " ", maxSplits: 1)
      return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : nil
    }
    return HTTPFields.keyName.flatMap { request.headers[$0] }
  }

  /// Only the stream of changes is opened by a ticket in its address.
  private func caller(byTicketOf request: Request) -> Caller? {
    guard request.method == .get, let ticket = request.uri.queryParameters["ticket"],
      let environment = EventAddress.environment(of: request.uri.path)
    else { return nil }
    return tokens.caller(withTicket: String(ticket), for: environment)
  }

  /// Without tokens whoever is on this machine may look, but no page of a browser: neither by a name that somebody else
  /// has made to mean this machine, nor from another site.
  private func mustBeLocal(_ request: Request) throws(Problem) {
    let names = [request.head.authority, HTTPFields.originName.flatMap { request.headers[$0] }].compactMap { $0 }
    for name in names where !Self.isLocal(name) {
      throw Problem(
        .forbidden, "without tokens only this machine may ask, by a name of its own, and this came by \"\(name)\"",
        mend: "ask 127.0.0.1, or add `tokens:` to `serve:` of headgate.yaml")
    }
  }

  /// Of `localhost:8710` and `http://127.0.0.1:80`, but not `null`.
  static func isLocal(_ name: String) -> Bool {
    var host = name[...]
    if let scheme = host.firstRange(of: "://") { host = host[scheme.upperBound...] }
    if Serving.Address(host: String(host), port: 0).isLoopback { return true }
    let trimmed = host.hasPrefix("[") ? host.dropFirst().prefix { $0 != "]" } : host.prefix { $0 != ":" }
    return Serving.Address(host: String(trimmed), port: 0).isLoopback
  }
}

extension HTTPFields {
  static let keyName = HTTPField.Name("X-API-Key")
  static let originName = HTTPField.Name("Origin")
  static let lastEvent = HTTPField.Name("Last-Event-ID")
}
