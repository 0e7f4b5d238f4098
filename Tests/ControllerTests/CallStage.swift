import Engine
import PipelineModel
import PluginKit
import Synchronization
import Testing

/// Where calls come on, stay for as long as the test wants, and go; it remembers who was there with whom.
final class CallStage: Sendable {
  private struct State {
    var came: [String] = []
    var left: [String] = []
    var onStage: [String] = []
    var most = 0
    var overlaps: [String] = []
    var released: Set<String> = []
    var isOpen = false
  }

  private let state = Mutex(State())

  /// A call that stays until it is released, or, when it listens, until it is cancelled.
  func call(_ name: String, listens: Bool = true) async {
    state.withLock { state in
      if let other = state.onStage.first { state.overlaps.append("\(other) and \(name)") }
      state.came.append(name)
      state.onStage.append(name)
      state.most = max(state.most, state.onStage.count)
    }
    while !isReleased(name), !(listens && Task.isCancelled) { await rest() }
    state.withLock { state in
      state.onStage.removeAll { $0 == name }
      state.left.append(name)
    }
  }

  private func isReleased(_ name: String) -> Bool {
    state.withLock { $0.isOpen || $0.released.contains(name) }
  }

  func release(_ name: String) { state.withLock { _ = $0.released.insert(name) } }

  /// Nobody stays any more.
  func open() { state.withLock { $0.isOpen = true } }

  var came: [String] { state.withLock { $0.came } }
  var left: [String] { state.withLock { $0.left } }
  var onStage: [String] { state.withLock { $0.onStage } }
  var most: Int { state.withLock { $0.most } }
  var overlaps: [String] { state.withLock { $0.overlaps } }
}

/// Waits until something is so, for much longer than it can take.
func eventually(
  _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(300)
  while try !condition() {
    guard ContinuousClock.now < end else {
      Issue.record(what, sourceLocation: sourceLocation)
      throw CancellationError()
    }
    await rest()
  }
}

/// Between two looks at a condition: leaves the processor to what is waited for.
private func rest() async {
  try? await Task.sleep(for: .milliseconds(1))
  await Task.yield()
}
