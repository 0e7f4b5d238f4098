import Glibc
import NIOCore
import NIOPosix
package import PipelineModel
import PluginKit

/// HAProxy's runtime API: one connection for each line of commands, text back, connection closed.
package struct RuntimeSocket: Sendable, CustomStringConvertible {
  package enum Address: Hashable, Sendable {
    case unix(path: String)
    case tcp(host: String, port: Int)
  }

  package var address: Address
  /// Longest for connecting, asking and the whole answer together.
  package var timeout: Interval

  package init(_ address: Address, timeout: Interval) {
    self.address = address
    self.timeout = timeout
  }

  package var description: String {
    switch address {
    case .unix(let path): path
    case .tcp(let host, let port): "\(host):\(port)"
    }
  }

  /// More than any answer about one route.
  package static let largestAnswer = 1 << 20

  /// Sends one line and waits for the end of the answer.
  ///
  /// - Parameters:
  ///   - limit: bytes that are read before it is given up.
  ///   - whole: whether an answer without the empty line that HAProxy ends it with is none, since it broke off.
  /// - Returns: what came back, without empty lines. HAProxy has no error status: an empty answer is
  ///   success for a command that sets, and a sentence is a refusal.
  /// - Throws: `transient` when nobody answers in time, `misconfigured` when it is no socket or it is not ours
  ///   to use.
  package func ask(
    _ line: String, atMost limit: Int = largestAnswer, whole: Bool = false
  ) async throws(Failure) -> String {
    let answer: String?
    do {
      answer = try await within(timeout) { try await exchange(line, limit) }
    } catch {
      throw failure(error)
    }
    guard let answer else { throw Failure(.transient, "haproxy at \(self) did not answer within \(timeout)") }
    // An answer that has nothing to say is an empty line; no byte at all is a worker that died.
    if answer.isEmpty { throw Failure(.transient, "haproxy at \(self) closed the connection without an answer") }
    if whole, !answer.hasSuffix("\n\n") { throw Failure(.transient, "the answer of haproxy at \(self) broke off") }
    if answer.hasPrefix("Permission denied") {
      throw Failure(.misconfigured, "haproxy at \(self) answered \"\(oneLine(answer))\"; give the socket `level admin`")
    }
    return answer.split(whereSeparator: \.isNewline).joined(separator: "\n")
  }

  private func exchange(_ line: String, _ limit: Int) async throws -> String {
    let channel = try await connect()
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: line + "\n"))
      var answer = ByteBuffer()
      for try await var part in inbound {
        answer.writeBuffer(&part)
        if answer.readableBytes > limit { throw TooLong(limit: limit) }
      }
      return String(decoding: answer.readableBytesView, as: UTF8.self)
    }
  }

  private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
    let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connectTimeout(.milliseconds(timeout.milliseconds))
    let wrap: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
      channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
    }
    switch address {
    case .unix(let path): return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
    case .tcp(let host, let port):
      return try await bootstrap.connect(host: host, port: port, channelInitializer: wrap)
    }
  }

  private struct TooLong: Error { var limit: Int }

  private func failure(_ error: any Error) -> Failure {
    switch error {
    case let error as TooLong:
      return Failure(.rejected, "haproxy at \(self) answered with more than \(error.limit) bytes")
    // A socket that is not there is worth another try: HAProxy makes it anew when it starts.
    case let error as IOError where [ENOTSOCK, EACCES, EPERM, EPROTOTYPE].contains(error.errnoCode):
      return Failure(.misconfigured, "cannot use haproxy's socket at \(self): \(Self.reason(error))")
    case let error as IOError:
      return Failure(.transient, "no answer from haproxy at \(self): \(Self.reason(error))")
    case is CancellationError:
      return Failure(.transient, "the question to haproxy at \(self) was cancelled")
    default:
      return Failure(.transient, "no answer from haproxy at \(self): \(error)")
    }
  }

  private static func reason(_ error: IOError) -> String { String(cString: strerror(error.errnoCode)) }
}
