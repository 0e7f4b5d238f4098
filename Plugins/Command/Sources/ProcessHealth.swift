import BackendHTTP
import NIOCore
import NIOPosix
import PipelineModel
import PluginKit

/// How a server is asked whether it is ready: by a GET, or by a connection to its port.
struct ProcessHealth {
  private enum Question {
    case get(origin: String, path: String)
    case connect(host: String, port: Int)
  }

  /// Where the slot's port stands in an address.
  static let place = "$HEADGATE_PORT"
  private static let limit = Interval.seconds(5)

  private var question: Question

  /// - Parameter address: `http://HOST:$HEADGATE_PORT/PATH`, https likewise, or `tcp://HOST:$HEADGATE_PORT`.
  /// - Throws: `misconfigured` when it is none of these.
  init(_ address: String, port: Int) throws(Failure) {
    let parts = address.split(separator: "://", maxSplits: 1).map(String.init)
    guard parts.count == 2, ["http", "https", "tcp"].contains(parts[0]), parts[1].contains(Self.place) else {
      throw Failure(
        .misconfigured,
        "`health` must be as http://127.0.0.1:\(Self.place)/health or tcp://127.0.0.1:\(Self.place), not \(address)")
    }
    let rest = parts[1].split(separator: Self.place, omittingEmptySubsequences: false).joined(separator: "\(port)")
    let authority = String(rest.prefix { $0 != "/" })
    if parts[0] == "tcp" {
      guard authority == rest, authority.hasSuffix(":\(port)") else {
        throw Failure(.misconfigured, "`health` must be tcp://HOST:\(Self.place), not \(address)")
      }
      question = .connect(host: String(authority.dropLast("\(port)".count + 1)), port: port)
    } else {
      let path = rest.dropFirst(authority.count)
      question = .get(origin: "\(parts[0])://\(authority)", path: path.isEmpty ? "/" : String(path))
    }
  }

  /// Why it is not ready; `nil` when it is.
  func complaint() async -> String? {
    switch question {
    case .connect(let host, let port):
      return await Self.isListening(host, port) ? nil : "nobody takes connections at \(host):\(port)"
    case .get(let origin, let path):
      let backend = HTTPBackend(
        name: "health", url: origin, timeout: Self.limit,
        secret: { name throws(Failure) in throw Failure(.misconfigured, "no secret \(name)") })
      do throws(Failure) {
        return try await backend.send(HTTPCall(.get, path), "GET \(origin)\(path)") { reply throws(Failure) in
          (200..<300).contains(reply.status) ? nil : "GET \(origin)\(path) answers \(reply.status)"
        }
      } catch {
        return error.message
      }
    }
  }

  static func isListening(_ host: String, _ port: Int) async -> Bool {
    let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connectTimeout(.seconds(5))
    guard let channel = try? await bootstrap.connect(host: host, port: port).get() else { return false }
    try? await channel.close()
    return true
  }
}
