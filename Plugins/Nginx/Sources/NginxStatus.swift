import BackendHTTP
import PipelineModel
import PluginKit

/// Asks nginx's workers what they run, at an address that is part of what they run.
struct NginxStatus: Sendable {
  /// `host:port`, a loopback address as a rule.
  var address: String
  private let backend: HTTPBackend

  init(name: String, address: String, timeout: Interval) {
    self.address = address
    backend = HTTPBackend(
      name: name, url: "http://\(address)", timeout: timeout,
      secret: { secret throws(Failure) in throw Failure(.misconfigured, "no secret \(secret) is needed here") },
      largestAnswer: 1 << 14)
  }

  /// What the worker that took the connection runs; nginx ends the connection, so the next one may be another's.
  ///
  /// - Throws: `misconfigured` when somebody else answers, or nginx knows nothing of the route.
  func running(_ route: String) async throws(Failure) -> NginxRunning {
    let call = HTTPCall(.get, "/", headers: [.init("Host", NginxRunning.host(of: route))])
    return try await backend.send(call, "nginx did not tell at \(address) what it runs") { reply throws(Failure) in
      guard reply.status == 200 else { throw reply.refusal() }
      let text = String(decoding: reply.body.prefix(1024), as: UTF8.self)
      guard let running = NginxRunning(text) else {
        throw Failure(.misconfigured, "what answers there is not what Headgate wrote for nginx: \(reply.excerpt)")
      }
      // Where nobody listens to a name, another route's server answers.
      guard running.route == route else {
        throw Failure(.transient, "nginx tells of the route \(running.route), so it has not read that of \(route) yet")
      }
      return running
    }
  }
}
