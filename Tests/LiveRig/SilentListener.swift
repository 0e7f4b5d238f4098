import Foundation
import Glibc

/// Takes connections and never says a word, like a program that hangs.
package final class SilentListener: Sendable {
  private let socket: Int32
  /// Of a TCP listener.
  package let port: Int

  /// On a free loopback port.
  package init() throws {
    port = try Rig.freePort()
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    try Self.listen(socket, &address)
  }

  /// On a socket in the file system.
  package init(path: String) throws {
    port = 0
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    try Self.listen(socket, &address)
  }

  private static func listen<Address>(_ socket: Int32, _ address: inout Address) throws {
    let isBound = withUnsafeBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { list in
        list.baseAddress.map { bind(socket, $0, socklen_t(bytes.count)) == 0 } ?? false
      }
    }
    guard isBound, Glibc.listen(socket, 16) == 0 else {
      close(socket)
      throw RigError("could not listen: \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(socket) }
}
