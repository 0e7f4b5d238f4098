import Hummingbird
import Logging
import Synchronization

/// Writes a line for every request, and counts them. No query is written down: it may hold a ticket.
struct RequestLog: RouterMiddleware {
  typealias Context = ServerContext

  let figures: RequestFigures

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    let response = try await next(request, context)
    figures.count(response.status)
    context.logger.debug(
      "request",
      metadata: [
        "method": "\(request.method)", "path": "\(request.uri.path)", "status": "\(response.status.code)",
        "from": "\(context.remote)",
      ])
    return response
  }
}

/// How many requests were answered how, since the server began.
final class RequestFigures: Sendable {
  private let counts = Mutex([Int: Int64]())

  func count(_ status: HTTPResponse.Status) { counts.withLock { $0[status.code, default: 0] += 1 } }

  /// By status.
  var answered: [Int: Int64] { counts.withLock { $0 } }
}
