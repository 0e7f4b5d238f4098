import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix
import PipelineModel
import PluginKit

/// Asks a Prometheus, or anything that speaks its HTTP API, at `/api/v1/query` and `/api/v1/query_range`.
struct PrometheusProvider: MetricProvider {
  var name: String
  /// Without user, query and trailing slash, so it can stand in messages.
  var url: String
  /// Upper limit for one answer; a query's own timeout may be shorter.
  var timeout: Interval
  var headers: [(name: String, value: String)]
  var credentials: PrometheusCredentials

  /// The most of an answer that is read.
  static let largestAnswer = 1 << 20

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    let authorization = try await credentials.authorization(provider: name)
    do throws(Failure) {
      let reply = try await reply(to: query, authorization?.header)
      return try PrometheusAnswer(reply, isRange: query.range != nil).answer()
    } catch {
      let message = "\(name) could not answer \(query.metric) at \(url): \(error.message)"
      throw Failure(error.kind, authorization?.hidden(in: message) ?? message)
    }
  }

  private func reply(to query: MetricQuery, _ authorization: String?) async throws(Failure) -> PrometheusReply {
    let limit = min(query.timeout, timeout)
    let request = request(for: query, limit, authorization)
    let reply: PrometheusReply?
    do {
      reply = try await within(limit) { try await Self.fetch(request) }
    } catch {
      throw Self.failure(error)
    }
    if let reply { return reply }
    throw Failure(.transient, "no answer within \(limit)")
  }

  private func request(for query: MetricQuery, _ limit: Interval, _ authorization: String?) -> HTTPClientRequest {
    let path = query.range == nil ? "query" : "query_range"
    var request = HTTPClientRequest(url: "\(url)/api/v1/\(path)")
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
    request.headers.add(name: "Accept", value: "application/json")
    for header in headers { request.headers.replaceOrAdd(name: header.name, value: header.value) }
    if let authorization { request.headers.replaceOrAdd(name: "Authorization", value: authorization) }
    request.body = .bytes(ByteBuffer(string: PrometheusForm.text(of: query, timeout: limit)))
    return request
  }

  private static func fetch(_ request: HTTPClientRequest) async throws -> PrometheusReply {
    // The caller's limit is what ends it; this one is only there because the client wants one.
    let response = try await HTTPClient.prometheus.execute(request, timeout: .hours(1))
    var body = ByteBuffer()
    for try await var part in response.body {
      body.writeBuffer(&part)
      if body.readableBytes > largestAnswer { throw TooLarge() }
    }
    return PrometheusReply(
      status: Int(response.status.code), location: response.headers.first(name: "Location"), body: Data(buffer: body))
  }

  private struct TooLarge: Error {}

  private static func failure(_ error: any Error) -> Failure {
    switch error {
    case is TooLarge:
      return Failure(.rejected, "the answer has more than \(largestAnswer) bytes; aggregate in the query, as by sum(…)")
    case is CancellationError: return Failure(.transient, "the question was cancelled")
    case HTTPParserError.invalidEOFState: return Failure(.transient, "the answer broke off")
    case is HTTPParserError:
      return Failure(.misconfigured, "what answers there does not speak HTTP; does `url` lead to a Prometheus?")
    case let error as HTTPClientError: return Failure(.transient, error.shortDescription)
    case let error as IOError: return Failure(.transient, String(cString: strerror(error.errnoCode)))
    default: return Failure(.transient, "\(error)")
    }
  }
}

extension HTTPClient {
  /// One client for all providers of the process.
  ///
  /// It lives on the process-wide event loops and as long as they do, so a command that has printed its result exits at
  /// once; idle connections are closed by the system. Redirects are not followed: a credential must not wander to an
  /// address nobody configured, and a login page is not an answer.
  static let prometheus = HTTPClient(
    eventLoopGroupProvider: .shared(.singletonMultiThreadedEventLoopGroup),
    configuration: {
      var configuration = Configuration(redirectConfiguration: .disallow)
      // A refused connection is an answer; the next look asks again.
      configuration.connectionPool.retryConnectionEstablishment = false
      return configuration
    }())
}
