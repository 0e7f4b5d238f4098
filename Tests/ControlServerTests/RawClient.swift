import Foundation
import Glibc

/// A connection to a port of this machine that sends whatever bytes a test likes. Whoever waits for it waits on a thread
/// of its own: the server answers on those that tests run on.
final class RawClient: Sendable {
  private let socket: Int32

  struct Failed: Error, CustomStringConvertible {
    var description: String
  }

  init(port: Int) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafeBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { list in
        list.baseAddress.map { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 } ?? false
      }
    }
    guard isConnected else { throw Failed(description: "no connection: \(String(cString: strerror(errno)))") }
  }

  deinit { close(socket) }

  /// What is left when the other side has closed is not sent, and nobody minds.
  func send(_ text: String) async { await send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) async { await aside { self.sendNow(bytes) } }

  private func sendNow(_ bytes: [UInt8]) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { all in
        all.baseAddress.map { Glibc.send(socket, $0 + done, bytes.count - done, Int32(MSG_NOSIGNAL)) } ?? 0
      }
      guard count > 0 else { return }
      done += count
    }
  }

  /// No more is sent.
  func finish() { shutdown(socket, Int32(SHUT_WR)) }

  /// Reads until `isEnough`, or until the other side closes.
  ///
  /// - Throws: when neither happens within a minute.
  func read(until isEnough: @escaping @Sendable (String) -> Bool = { _ in false }) async throws -> String {
    try await aside { Result { try self.readNow(isEnough) } }.get()
  }

  private func readNow(_ isEnough: (String) -> Bool) throws -> String {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !isEnough(String(decoding: all, as: UTF8.self)) {
      var poll = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard Glibc.poll(&poll, 1, 60_000) > 0 else {
        throw Failed(description: "nothing came: \(String(decoding: all.suffix(500), as: UTF8.self))")
      }
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      all += buffer[..<count]
    }
    return String(decoding: all, as: UTF8.self)
  }

  /// An answer whose body has a length.
  func answer() async throws -> String {
    try await read { text in
      guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
      let length = text.firstMatch(of: #/(?i)content-length: (\d+)/#).flatMap { Int($0.output.1) } ?? 0
      return text[end.upperBound...].utf8.count >= length
    }
  }

  private func aside<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: work()) }
    }
  }
}
