import Dispatch
import PipelineModel
import Proofs
import Synchronization

/// Hands checkpoints to one sink, on a queue of its own, so that a slow disk or a remote is nobody else's matter.
final class SinkLane: Sendable {
  enum State {
    /// Not asked yet what it has.
    case unknown
    case busy
    /// It has the checkpoints up to one of so many entries.
    case has(Int64)
    /// Tried again at this instant.
    case failed(until: ContinuousClock.Instant)
  }

  private struct Progress {
    var state = State.unknown
    var known: Int64?
    /// In vain, since something worked.
    var tries = 0
    var newest: SignedCheckpoint?
    var isAnswered = false
    var failure: String?
  }

  let sink: any CheckpointSink
  private let progress = Mutex(Progress())
  private let queue: DispatchQueue

  init(_ sink: any CheckpointSink) {
    self.sink = sink
    queue = DispatchQueue(label: "headgate.checkpoints.\(sink.name)")
  }

  /// Whether it has been asked what it has, and has said so or failed to.
  var isAnswered: Bool { progress.withLock(\.isAnswered) }

  /// What it had when it was asked first.
  var newest: SignedCheckpoint? { progress.withLock(\.newest) }

  /// Why it failed, once for each failure.
  func takeFailure() -> String? {
    progress.withLock { progress in
      defer { progress.failure = nil }
      return progress.failure
    }
  }

  /// How far it is, when something could be handed to it now.
  var ready: Int64? {
    progress.withLock { progress in
      switch progress.state {
      case .has(let size): size
      case .failed(let until) where ContinuousClock.now >= until: progress.known
      case .unknown, .busy, .failed: nil
      }
    }
  }

  /// Whether it has all up to this size, or cannot be reached.
  func isIdle(at size: Int64) -> Bool {
    progress.withLock { progress in
      switch progress.state {
      case .has(let known): known >= size
      case .failed: true
      case .unknown, .busy: false
      }
    }
  }

  /// Asks what it has, unless it is known or being asked.
  func ask() {
    let asks = progress.withLock { progress in
      switch progress.state {
      case .unknown: break
      case .failed(let until) where progress.known == nil && ContinuousClock.now >= until: break
      case .has, .busy, .failed: return false
      }
      progress.state = .busy
      return true
    }
    guard asks else { return }
    run { () throws(Failure) in
      let newest = try self.sink.newest()
      self.progress.withLock { if !$0.isAnswered { $0.newest = newest } }
      return newest?.checkpoint.size ?? 0
    }
  }

  /// - Parameter size: of the last of the notes.
  func hand(_ notes: [SignedNote], upTo size: Int64) {
    progress.withLock { $0.state = .busy }
    run { () throws(Failure) in
      try self.sink.append(notes)
      return size
    }
  }

  private func run(_ work: @escaping @Sendable () throws(Failure) -> Int64) {
    queue.async {
      do throws(Failure) {
        let size = try work()
        self.progress.withLock {
          $0.state = .has(size)
          $0.known = size
          $0.isAnswered = true
          $0.tries = 0
        }
      } catch {
        self.progress.withLock { progress in
          progress.tries += 1
          progress.state = .failed(until: .now + .seconds(min(60, 1 << min(progress.tries, 6))))
          progress.isAnswered = true
          progress.failure = error.message
        }
      }
    }
  }
}
