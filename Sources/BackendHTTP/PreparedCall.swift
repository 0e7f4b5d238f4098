import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix
import PipelineModel
import PluginKit

/// A call with its credentials, ready to be sent once.
struct PreparedCall: Sendable {
  var request: HTTPClientRequest
  var secrets: HiddenSecrets

  init(_ call: HTTPCall, to backend: HTTPBackend) async throws(Failure) {
    var headers = HTTPHeaders()
    for header in backend.headers + call.headers { headers.replaceOrAdd(name: header.name, value: header.value) }
    // What is signed must be what is sent.
    var complete = call
    complete.headers = headers.map { HTTPCall.Field($0.name, $0.value) }
    let grant = try await backend.credentials.grant(complete, backend.url)
    for header in grant.headers { headers.replaceOrAdd(name: header.name, value: header.value) }
    request = HTTPClientRequest(url: call.url(at: backend.url))
    request.method = HTTPMethod(rawValue: call.method.rawValue)
    request.headers = headers
    if let body = call.body { request.body = .bytes(ByteBuffer(data: body)) }
    request.tlsConfiguration = try await backend.tls?.configuration(backend.secret)
    secrets = HiddenSecrets(grant.secrets)
  }

  /// Whether asking again changes nothing at the server.
  var isHarmlessTwice: Bool { request.method == .GET || request.method == .HEAD }

  func reply(atMost largest: Int) async throws -> HTTPReply {
    let response = try await head()
    return try await reply(response, atMost: largest)
  }

  /// The answer's status and headers; the body is still to come.
  func head() async throws -> HTTPClientResponse {
    // The caller's limit is what ends it; this one is only there because the client wants one.
    try await HTTPClient.backends.execute(request, timeout: .hours(24))
  }

  /// The answer with its whole body.
  func reply(_ response: HTTPClientResponse, atMost largest: Int) async throws -> HTTPReply {
    var body = ByteBuffer()
    for try await var part in response.body {
      body.writeBuffer(&part)
      if body.readableBytes > largest { throw TooLarge(what: "the answer", limit: largest) }
    }
    return HTTPReply(
      status: Int(response.status.code), headers: response.headers.map { .init($0.name, $0.value) },
      body: Data(buffer: body), secrets: secrets)
  }
}

/// An answer, or a line of one, with more bytes than are read.
struct TooLarge: Error {
  var what: String
  var limit: Int
}

extension HTTPClient {
  /// One client for all backends of the process.
  ///
  /// It lives on the process-wide event loops and as long as they do, so a command that has printed its result exits at
  /// once; idle connections are closed by the system. Redirects are not followed: a credential must not wander to an
  /// address nobody configured, and a login page is not an answer.
  fileprivate static let backends = HTTPClient(
    eventLoopGroupProvider: .shared(.singletonMultiThreadedEventLoopGroup),
    configuration: {
      var configuration = Configuration(redirectConfiguration: .disallow)
      // A refused connection is an answer; the next look asks again.
      configuration.connectionPool.retryConnectionEstablishment = false
      return configuration
    }())
}
