package import Hummingbird
import Logging
import NIOCore

/// What a route knows of a request beside the request itself.
package struct ServerContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  package var caller = Caller.anybody
  private let channel: any Channel

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// Where the request comes from, for the audit log.
  var remote: String { channel.remoteAddress.flatMap(\.ipAddress) ?? "unknown" }

  /// A part of the path.
  func part(_ name: String) throws(Problem) -> String {
    guard let part = parameters.get(name) else { throw Problem(.notFound, "the path is not whole") }
    return part
  }
}
