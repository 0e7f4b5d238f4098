package import Flags
package import Logging
package import PipelineModel
import Synchronization

/// Keeps evaluations for good.
package protocol EvaluationArchive: Sendable {
  /// Adds what a tally holds to what there is; all of it, or, when it throws, nothing.
  func add(_ tally: EvaluationTally, at now: Timestamp) throws
  /// Forgets what is older.
  func forget(before instant: Timestamp) throws
}

/// Takes note of evaluations while requests are answered, and writes them down beside that, batch by batch.
///
/// Nobody who evaluates waits for the disk: a tally that cannot be written grows to its bound and loses from then on.
package final class EvaluationRecorder: ServerPart {
  private let archive: any EvaluationArchive
  private let keep: Interval
  private let now: @Sendable () -> Timestamp
  private let log: Logger
  private let tally: Mutex<EvaluationTally>
  private let totals = Mutex(Totals())

  /// Since the server began.
  package struct Totals: Hashable, Sendable {
    package var evaluations: [Resolution.Reason: Int64] = [:]
    package var lostEvaluations: Int64 = 0
    package var lostExposures: Int64 = 0
  }

  /// How often a tally is written down; sooner when it is half full.
  private static let pause = Duration.milliseconds(100)
  private static let batch = Interval.seconds(1)

  /// - Parameter tally: an empty one, with its bounds.
  package init(
    _ archive: any EvaluationArchive, keep: Interval, tally: EvaluationTally = EvaluationTally(), log: Logger,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.archive = archive
    self.keep = keep
    self.now = now
    self.log = log
    self.tally = Mutex(tally)
  }

  package func note(
    _ resolution: Resolution, of flag: String, in environment: String, to subject: String?, way: EvaluationWay,
    at now: Timestamp
  ) {
    tally.withLock { $0.add(resolution, of: flag, in: environment, to: subject, way: way, at: now) }
  }

  /// The same for many at once.
  package func note(
    _ resolutions: [(flag: String, resolution: Resolution)], in environment: String, to subject: String?,
    way: EvaluationWay, at now: Timestamp
  ) {
    tally.withLock { tally in
      for (flag, resolution) in resolutions {
        tally.add(resolution, of: flag, in: environment, to: subject, way: way, at: now)
      }
    }
  }

  /// Takes note that somebody took the definitions of all flags.
  package func noteDocument(of environment: String, at now: Timestamp) {
    tally.withLock { $0.addDocument(of: environment, at: now) }
  }

  /// With what is still to be written down.
  package var sums: Totals {
    var sums = totals.withLock { $0 }
    tally.withLock { sums.add($0) }
    return sums
  }

  package func run() async throws {
    try? await untilTheEnd { [self] in
      var written = now()
      var forgotten = Timestamp(milliseconds: 0)
      while true {
        try await Task.sleep(for: Self.pause)
        let now = now()
        if now - forgotten > .hours(1) {
          forget(now)
          forgotten = now
        }
        guard now - written >= Self.batch || tally.withLock(\.isHalfFull) else { continue }
        write(now)
        written = now
      }
    }
    write(now())
  }

  /// Writes down what there is.
  package func write(_ now: Timestamp) {
    let drained = tally.withLock { $0.isEmpty ? nil : $0.drain() }
    guard let drained else { return }
    totals.withLock { $0.add(drained) }
    do {
      try archive.add(drained, at: now)
    } catch {
      log.error("evaluations not written down", metadata: ["why": "\(error)"])
      tally.withLock { $0.takeBack(drained) }
      totals.withLock { $0.subtract(drained) }
    }
  }

  private func forget(_ now: Timestamp) {
    do {
      try archive.forget(before: Timestamp(milliseconds: now.milliseconds - keep.milliseconds))
    } catch {
      log.error("old evaluations not forgotten", metadata: ["why": "\(error)"])
    }
  }
}

extension EvaluationRecorder.Totals {
  fileprivate mutating func add(_ tally: EvaluationTally) { change(by: tally, times: 1) }
  fileprivate mutating func subtract(_ tally: EvaluationTally) { change(by: tally, times: -1) }

  private mutating func change(by tally: EvaluationTally, times factor: Int64) {
    for (answer, occasions) in tally.answers { evaluations[answer.reason, default: 0] += occasions.count * factor }
    lostEvaluations += tally.lostAnswers * factor
    lostExposures += tally.lostExposures * factor
  }
}
