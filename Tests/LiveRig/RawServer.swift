import Glibc
import NIOCore
import NIOPosix
package import NIOSSL

/// A server on loopback that says exactly what a test tells it to, however wrong.
package struct RawServer: Sendable {
  package enum Reply: Sendable {
    /// These bytes, then the connection ends.
    case bytes([UInt8])
    /// These bytes, then a piece again and again until the client goes.
    case endless([UInt8], piece: [UInt8], pause: Duration)
    /// Made from the request.
    case made(@Sendable (String) -> String)
    case madeBytes(@Sendable (String) -> [UInt8])
    /// The connection is reset as soon as the request is there.
    case reset
    /// One of the others, by the request.
    indirect case chosen(@Sendable (String) -> Reply)
  }

  package let port: Int
  private let isSecure: Bool
  package var url: String { "\(isSecure ? "https" : "http")://127.0.0.1:\(port)" }

  /// Serves while `work` runs.
  ///
  /// - Parameters:
  ///   - end: what a request ends with, as far as it is read.
  ///   - speaksFirst: it answers as soon as somebody connects, and reads nothing.
  ///   - tls: how it speaks TLS; plain text when `nil`.
  package static func with<Value: Sendable>(
    _ reply: Reply, until end: String = "\r\n\r\n", speaksFirst: Bool = false, tls: TLSConfiguration? = nil,
    _ work: @Sendable (RawServer) async throws -> Value
  ) async throws -> Value {
    let port = try Rig.freePort()
    let context = try tls.map { try NIOSSLContext(configuration: $0) }
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    let serving = Task {
      try await server.executeThenClose { connections in
        try await withThrowingDiscardingTaskGroup { group in
          for try await connection in connections {
            group.addTask { try? await answer(connection, reply, speaksFirst ? nil : end) }
          }
        }
      }
    }
    defer { serving.cancel() }
    return try await work(RawServer(port: port, isSecure: tls != nil))
  }

  private static func answer(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ reply: Reply, _ end: String?)
    async throws
  {
    try await connection.executeThenClose { inbound, outbound in
      var request = ""
      if let end {
        for try await part in inbound {
          request += String(decoding: part.readableBytesView, as: UTF8.self)
          if request.contains(end), isWhole(request) { break }
        }
      }
      var reply = reply
      while case .chosen(let choose) = reply { reply = choose(request) }
      switch reply {
      case .chosen: break
      case .bytes(let bytes): try await outbound.write(ByteBuffer(bytes: bytes))
      case .made(let make): try await outbound.write(ByteBuffer(string: make(request)))
      case .madeBytes(let make): try await outbound.write(ByteBuffer(bytes: make(request)))
      case .reset:
        // Closing is a reset when there is nothing to linger for.
        let socket = connection.channel as? any SocketOptionProvider
        try await socket?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
      case .endless(let head, let piece, let pause):
        try await outbound.write(ByteBuffer(bytes: head))
        while true {
          try await outbound.write(ByteBuffer(bytes: piece))
          if pause > .zero { try await Task.sleep(for: pause) }
        }
      }
    }
  }

  /// Whether the body is there that the head of a request of HTTP announces, if one does.
  private static func isWhole(_ request: String) -> Bool {
    guard let head = request.firstRange(of: "\r\n\r\n") else { return true }
    let announced = request[..<head.lowerBound].firstMatch(of: #/(?i)\r\ncontent-length: *(\d+)/#).flatMap { Int($0.1) }
    return request[head.upperBound...].utf8.count >= announced ?? 0
  }

  /// A whole HTTP answer.
  package static func http(_ status: Int, _ body: String, _ headers: String...) -> String {
    let lines = headers.map { "\($0)\r\n" }.joined()
    return "HTTP/1.1 \(status) X\r\n\(lines)Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
  }
}
