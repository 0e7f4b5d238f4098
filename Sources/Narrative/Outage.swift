import Analysis
import Engine
import PipelineModel

/// Looks of one metric that gave nothing to judge, one after another.
struct Outage: Hashable, Sendable {
  /// Why, as the last look that was told of had it.
  var cause: String
  var since: Timestamp
  var looks: Int

  /// What there is of an outage after a look; `nil`: it was answered, or nobody judges it.
  init?(_ entry: Entry, _ reading: Reading, after before: Outage?) {
    guard entry.isUnanswered else { return nil }
    let cause = reading.cause
    self.cause = before.flatMap { $0.isCaused(by: cause) ? $0.cause : nil } ?? cause
    since = before?.since ?? entry.time
    looks = (before?.looks ?? 0) + 1
  }

  /// Whether a look fails as the ones before it. Times and counts in the words make no difference, nor whether a guard
  /// says it who does not ask for a while, and what it last heard.
  func isCaused(by other: String) -> Bool {
    let (mine, theirs) = (cause.filter { !$0.isNumber }, other.filter { !$0.isNumber })
    return mine.contains(theirs) || theirs.contains(mine)
  }
}

extension Entry {
  /// Whether a look was judged, and there was nothing to judge.
  var isUnanswered: Bool {
    decisions.contains { decision in
      guard case .judged(_, _, let judgement) = decision else { return false }
      return judgement == .error || judgement == .noData
    }
  }

  /// Whether a look was judged.
  var isJudged: Bool { decisions.contains { if case .judged = $0 { true } else { false } } }
}

extension Reading {
  /// Why it gives nothing to judge.
  var cause: String {
    switch self {
    case .failure(let failure): failure.message
    case .noted(let answer, let notes):
      ([answer.phrase(unit: .plain), notes.stand?.because].compactMap(\.self) + notes.warnings)
        .joined(separator: ", ")
    case .answer(let answer): answer.phrase(unit: .plain)
    }
  }
}

extension Teller {
  /// That a metric has something to judge again, after it had nothing more than once.
  func answersAgain(_ id: EffectID, _ reading: Reading) -> Sentence? {
    guard let outage, outage.looks > 1, entry.isJudged, !entry.isUnanswered,
      case .measure(_, let metric)? = effect(id)?.work
    else { return nil }
    return say(
      .plain,
      "\(plan.pipeline.metrics[metric].name) can be judged again, after \(outage.looks) looks that gave nothing "
        + "in \((entry.time - outage.since).rounded)")
  }

  /// Whether the entry's look gives as little as the one before, and for the same cause.
  var repeatsItself: Bool {
    guard let outage, entry.isUnanswered, case .measured(_, let reading) = entry.fact else { return false }
    return outage.isCaused(by: reading.cause)
  }
}
