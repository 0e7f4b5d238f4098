import Foundation
import Glibc

/// A port that takes no further connection and refuses none: packets to it get no answer, as in a black hole.
///
/// Its queue of connections is full, so the system drops whoever else knocks.
package final class FullListener: Sendable {
  private let sockets: [Int32]
  package let port: Int

  package init() throws {
    port = try Rig.freePort()
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var sockets = [listener]
    let isListening = Self.with(&address) { bind(listener, $0, $1) } == 0 && listen(listener, 0) == 0
    for _ in 1...8 {
      let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
      _ = Self.with(&address) { connect(client, $0, $1) }
      sockets.append(client)
    }
    self.sockets = sockets
    guard isListening else { throw RigError("could not listen: \(String(cString: strerror(errno)))") }
  }

  private static func with(_ address: inout sockaddr_in, _ work: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32
  {
    withUnsafeBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { list in
        list.baseAddress.map { work($0, socklen_t(MemoryLayout<sockaddr_in>.size)) } ?? -1
      }
    }
  }

  deinit { for socket in sockets { close(socket) } }
}
