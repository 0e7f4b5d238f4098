import PipelineModel
import PluginKit
import Synchronization

/// One answer for all who ask a provider the same in the same interval: those that ask while the question is under way
/// wait for its answer, those that come later in the interval are given it.
///
/// Never a reason to pass that a look of one's own would not be:
/// - The interval of a look is its planned instant rounded down to a whole number of `every`. Two looks of a gate are
///   at least `every` apart, so they are never in one interval, and one answer is never two measurements of a gate.
/// - An answer is given to a look only if it was asked when the look's gate had stood for as long as at a first look of
///   its own, or when that look was due; a tenth of the interval is forgiven. Otherwise the look asks for itself.
/// - A failure is told to those who wait for it, and not kept.
final class SharedAnswers: Sendable {
  typealias Ask = @Sendable () async throws(Failure) -> Sample

  /// Everything that a provider can answer by: one that takes its window from `interval`, or tells its command the
  /// metric's name, answers the same text otherwise.
  private struct Question: Hashable {
    var metric: String
    var text: String
    var interval: Interval
    var range: Metric.Range?
    var every: Interval
    var window: Int64

    init(_ query: MetricQuery, _ look: MetricQuery.Look) {
      metric = query.metric
      text = query.text
      interval = query.interval
      range = query.range
      every = look.every
      let length = max(1, look.every.milliseconds)
      let (quotient, rest) = look.at.milliseconds.quotientAndRemainder(dividingBy: length)
      window = rest < 0 ? quotient - 1 : quotient
    }

    /// Whether a look can still fall into its interval, with as much again for one that is late.
    func isOver(_ now: Timestamp) -> Bool { (window + 2) * max(1, every.milliseconds) < now.milliseconds }
  }

  private enum Entry {
    case answered(Sample, askedAt: Timestamp)
    case asking(Flight, askedAt: Timestamp)
  }

  private struct State {
    var entries: [Question: Entry] = [:]
    var nextPurge = 1024
  }

  private let now: @Sendable () -> Timestamp
  private let state = Mutex(State())

  init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

  func answer(_ query: MetricQuery, ask: @escaping Ask) async throws(Failure) -> Sample {
    guard let look = query.look else { return try await ask() }
    switch place(Question(query, look), look, ask) {
    case .given(let sample): return sample
    case .wait(let flight): return try await flight.result()
    }
  }

  /// How many wait for an answer now.
  var waiting: Int {
    state.withLock { state in
      state.entries.values.reduce(0) { if case .asking(let flight, _) = $1 { $0 + flight.expected } else { $0 } }
    }
  }

  private enum Place {
    case given(Sample)
    case wait(Flight)
  }

  private func place(_ question: Question, _ look: MetricQuery.Look, _ ask: @escaping Ask) -> Place {
    let now = now()
    return state.withLock { state in
      switch state.entries[question] {
      case .answered(let sample, let askedAt) where look.takes(askedAt): return .given(sample)
      case .asking(let flight, let askedAt) where look.takes(askedAt) && flight.join(): return .wait(flight)
      case .answered, .asking, nil: break
      }
      if state.entries.count >= state.nextPurge { purge(&state, now) }
      let flight = Flight()
      state.entries[question] = .asking(flight, askedAt: now)
      flight.start(ask) { [weak self] result in self?.landed(question, flight, result, askedAt: now) }
      return .wait(flight)
    }
  }

  private func landed(
    _ question: Question, _ flight: Flight, _ result: Result<Sample, Failure>, askedAt: Timestamp
  ) {
    state.withLock { state in
      // A later question may have taken the place meanwhile, for a look that could not be given this answer.
      guard case .asking(let current, _) = state.entries[question], current === flight else { return }
      state.entries[question] = (try? result.get()).map { .answered($0, askedAt: askedAt) }
    }
  }

  /// Forgets intervals that are over. Looks of as many questions as are asked in two intervals stay.
  private func purge(_ state: inout State, _ now: Timestamp) {
    state.entries = state.entries.filter { !$0.key.isOver(now) }
    state.nextPurge = max(1024, state.entries.count * 2)
  }
}

extension MetricQuery.Look {
  fileprivate func takes(_ askedAt: Timestamp) -> Bool {
    askedAt + .milliseconds(every.milliseconds / 10) >= min(at, since + every)
  }
}
