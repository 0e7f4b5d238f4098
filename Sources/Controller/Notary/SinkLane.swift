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
    var news: News?
  }

  /// What became of a sink, told once.
  enum News: Equatable {
    /// Why, and when it is tried again.
    case failed(String, again: Interval)
    /// It works again.
    case recovered
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

  /// What has become of it since the last call.
  func takeNews() -> News? {
    progress.withLock { progress in
      defer { progress.news = nil }
      return progress.news
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
      self.progress.withLock { progress in
        if !progress.isAnswered { progress.newest = newest }
        progress.isAnswered = true
      }
      try self.sink.finish()
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
        self.progress.withLock { progress in
          progress.state = .has(size)
          progress.known = size
          if progress.tries > 0 { progress.news = .recovered }
          progress.tries = 0
        }
      } catch {
        self.progress.withLock { progress in
          progress.tries += 1
          let pause = min(60, 1 << min(progress.tries, 6))
          progress.state = .failed(until: .now + .seconds(pause))
          progress.isAnswered = true
          progress.news = .failed(error.message, again: .seconds(Int64(pause)))
        }
      }
    }
  }
}
