import BackendHTTP
import PipelineModel
import PluginKit
import Synchronization

/// A backend made as an installation makes it.
func backend(
  _ url: String, _ more: [String: Settings.Value] = [:], secrets: [String: String] = [:], largest: Int = 1 << 20
) throws(Failure) -> HTTPBackend {
  // Only what a test says ends a call, however slow the machine is.
  let settings = Settings(["url": .text(url), "timeout": .duration(.minutes(5))].merging(more) { _, new in new })
  let context = BackendContext(
    secret: { name throws(Failure) in
      guard let value = secrets[name] else { throw Failure(.misconfigured, "there is no secret \(name)") }
      return value
    }, stateDirectory: "/", baseDirectory: "/", now: { Timestamp(milliseconds: 0) })
  return try HTTPBackend(Backend(name: "store", kind: "any", settings: settings), context, largestAnswer: largest)
}

extension HTTPBackend {
  /// The answer's body as text; any status but 2xx is a refusal.
  func text(_ call: HTTPCall = HTTPCall(.get), within limit: Interval = .seconds(30)) async throws(Failure) -> String {
    try await send(call, within: limit, "store could not answer") { reply throws(Failure) in
      guard reply.isSuccess else { throw reply.refusal() }
      return String(decoding: reply.body, as: UTF8.self)
    }
  }
}

/// What a callback was given, in order.
final class Heard: Sendable {
  private let values = Mutex<[String]>([])
  var all: [String] { values.withLock { $0 } }
  func add(_ value: String) { values.withLock { $0.append(value) } }
}
