import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// The one place where what went wrong becomes an answer.
struct ProblemMiddleware: RouterMiddleware {
  typealias Context = ServerContext

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let problem as Problem {
      return problem.response
    } catch let error as HTTPParserError {
      // The connection is done for, and whoever reads it says so.
      throw error
    } catch let error as any HTTPResponseError {
      return problem(of: error).response
    } catch is CancellationError {
      return Problem(.unavailable, "the server is ending", retryAfter: 1).response
    } catch {
      context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "why": "\(error)"])
      return Problem(.unexpected, "the request could not be served; the server's log says more").response
    }
  }

  private func problem(of error: any HTTPResponseError) -> Problem {
    switch error.status {
    case .notFound: Problem(.notFound, "nothing is served by this method at this path")
    case .contentTooLarge: Problem(.tooLarge, "the request is larger than what is read", mend: "send less")
    case .badRequest: Problem(.badRequest, "the request cannot be read")
    default: Problem(.unexpected, "the request could not be served")
    }
  }
}
