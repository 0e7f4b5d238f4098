import Foundation
import PipelineModel
import PluginKit
import Synchronization

/// Says to a thread when its question is no longer waited for.
final class Patience: Sendable {
  private let end: ContinuousClock.Instant
  private let isGivenUp = Mutex(false)

  init(_ limit: Interval) { end = .now + .milliseconds(limit.milliseconds) }

  var isOver: Bool { isGivenUp.withLock { $0 } || end <= .now }
  func giveUp() { isGivenUp.withLock { $0 = true } }

  /// At least one.
  var milliseconds: Int32 {
    let rest = (end - .now).components
    return Int32(clamping: max(1, rest.seconds * 1000 + rest.attoseconds / 1_000_000_000_000_000))
  }
}

/// Runs calls that block on threads of their own, so that none of them holds up what others wait for.
final class OwnThreads: Sendable {
  private let open = Mutex(0)
  private let most: Int

  /// - Parameter most: how many may be open at once; more are refused.
  init(most: Int = 8) { self.most = most }

  /// Returns when `work` does, or at the limit, whatever `work` does.
  func run<Value: Sendable>(
    within limit: Interval, _ work: @escaping @Sendable (Patience) throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    guard open.withLock({ $0 < most ? ($0 += 1, true).1 : false }) else {
      throw Failure(.transient, "\(most) questions are still open")
    }
    let patience = Patience(limit)
    let (results, result) = AsyncStream.makeStream(of: Result<Value, Failure>.self)
    Thread.detachNewThread { [self] in
      do throws(Failure) {
        result.yield(.success(try work(patience)))
      } catch {
        result.yield(.failure(error))
      }
      open.withLock { $0 -= 1 }
    }
    let timer = Task {
      try await Task.sleep(for: .milliseconds(limit.milliseconds))
      result.yield(.failure(Failure(.transient, "no answer within \(limit)")))
    }
    defer {
      timer.cancel()
      patience.giveUp()
    }
    for await first in results { return try first.get() }
    throw Failure(.transient, "the question was cancelled")
  }
}
