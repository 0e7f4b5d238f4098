package import PipelineModel
import Synchronization

/// Where guards post what changed, and whoever shows it takes it from.
package final class HealthBoard: Sendable {
  private struct Place: Hashable {
    var port: BackendKind.Port
    var name: String
  }

  private let news = Mutex<[Place: BackendHealth]>([:])

  package init() {}

  package func post(_ health: BackendHealth) {
    news.withLock { $0[Place(port: health.port, name: health.name)] = health }
  }

  /// The last state of each backend that changed since the last call, by port and name.
  package func takeNews() -> [BackendHealth] {
    let taken = news.withLock { news in
      defer { news.removeAll() }
      return Array(news.values)
    }
    return taken.sorted { ($0.port.rawValue, $0.name) < ($1.port.rawValue, $1.name) }
  }
}
