import Synchronization

/// What a server was sent.
final class Heard: Sendable {
  private let parts = Mutex<[String]>([])
  var text: String { parts.withLock { $0.joined() } }
  func add(_ part: String) { parts.withLock { $0.append(part) } }
}
