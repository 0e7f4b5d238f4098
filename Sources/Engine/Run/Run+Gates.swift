import Analysis
package import PipelineModel

extension Run {
  /// Starts a gate and asks for the first look of each of its metrics.
  ///
  /// When every gate is waved through there are no looks, and the record says that this gate said nothing.
  mutating func startGate(_ gate: Gate, at site: GateSite, _ now: Timestamp, _ reaction: inout Reaction) {
    if unguarded { return reaction.decisions.append(.overrode(site, .stopped)) }
    for metric in gate.metrics { ask(.measure(site, metric: metric), at: now + gate.delay, &reaction) }
    setJudging(Judging(gate, plan.stakes, ScoreBoard(gate, of: plan.pipeline.metrics)), at: site)
  }

  /// Takes in a measurement: judges it, counts it, sees what follows, and asks for the next look.
  mutating func measured(
    _ id: EffectID, _ reading: Reading, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard let look = try settle(id, as: .measured, &reaction), case .measure(let site, let metric) = look.work,
      let every = every(at: site)
    else { return }
    let judgement = judge(look, reading, &reaction)
    let hasFailed = count(judgement, reading.number, site, metric)
    if plan.comparesAnything { holdIfAstray(metric, now, &reaction) }
    if hasFailed || now >= horizon.quietUntil {
      let place = place
      if hasFailed { gateFailed(site, now, &reaction) } else { proceed(now, &reaction) }
      guard horizon[site] != nil, site == .background || place == self.place else { return }
    }
    ask(look.work, at: look.notBefore.next(every: every, after: now), &reaction)
  }

  private struct Place: Equatable {
    var stage: Int
    var move: Int
  }

  /// The stage and move in progress.
  private var place: Place? {
    if case .working(let working) = phase { Place(stage: working.stage, move: working.move) } else { nil }
  }

  /// A failed metric decides at once. When a person is asked what to do about it, more of the same is no news.
  private mutating func gateFailed(_ site: GateSite, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase else { return }
    if working.watching(at: site)?.concluded == .fail { return proceed(now, &reaction) }
    conclude(site, .fail, &reaction)
    failStage(.gate(site, .fail), now, &reaction)
    proceed(now, &reaction)
  }

  // MARK: Reports

  mutating func conclude(_ site: GateSite, _ verdict: Verdict, _ reaction: inout Reaction) {
    reaction.decisions.append(.concluded(site, verdict, reports(site, verdict)))
    phase.withWatching(at: site) { $0.concluded = verdict }
  }

  /// What each metric of a gate has to say; when one failed, those that did not fail too are `stopped`.
  private func reports(_ site: GateSite, _ verdict: Verdict) -> [MetricReport] {
    guard let judging = judging(at: site) else { return [] }
    let gate = judging.gate
    let shown = zip(gate.metrics, judging.tallies)
    let scored = judging.board?.metrics ?? []
    let hasFailedAtOnce = shown.contains { !scored.contains($0) && gate.isFailed(by: plan.stakes[$0], $1) }
    return shown.map { index, tally in
      let metric = plan.stakes[index]
      if scored.contains(index) { return MetricReport(index, tally.ofAScore, tally) }
      let hasFailed =
        verdict == .fail && !hasFailedAtOnce ? gate.vote(of: metric, tally) == .fail : gate.isFailed(by: metric, tally)
      let standing = hasFailed ? .fail : tally.standing(atLeast: gate.atLeast, allow: gate.allow)
      return MetricReport(index, verdict == .fail && standing != .fail ? .stopped : standing, tally)
    }
  }
}

extension Reading {
  /// Whoever gave it; `nil`: there is none.
  package var given: Answer? {
    switch self {
    case .answer(let answer), .noted(let answer, _): answer
    case .failure: nil
    }
  }

  /// What must be known of it; `nil`: nothing.
  package var notes: Notes? { if case .noted(_, let notes) = self { notes } else { nil } }

  /// The number measured, if it was one: finite, alone or the only one of a list.
  package var number: Double? {
    switch self {
    case .answer(.number(let value)): value.isFinite ? value : nil
    case .answer(.list(let items)) where items.count == 1: Reading.answer(items[0]).number
    case .noted(let answer, _): Reading.answer(answer).number
    case .answer, .failure: nil
    }
  }
}

extension Tally {
  /// What a metric says that decides only with others, by their score: its latest label.
  fileprivate var ofAScore: Verdict {
    switch latest {
    case .pass: .pass
    case .fail: .fail
    case .inconclusive: .inconclusive
    case .noData: .noData
    case .error: .error
    case nil: .stopped
    }
  }
}

extension MetricReport {
  fileprivate init(_ metric: Int, _ verdict: Verdict, _ tally: Tally) {
    self.init(
      metric: metric, verdict: verdict, passes: Int(tally.passes), failures: Int(tally.failures),
      inconclusive: Int(tally.inconclusive), noData: Int(tally.noData), errors: Int(tally.errors), last: tally.last)
  }
}

extension Timestamp {
  /// The next look: a whole number of intervals later, looks that were missed left out.
  fileprivate func next(every interval: Interval, after now: Timestamp) -> Timestamp {
    let next = self + interval
    if next > now { return next }
    let length = max(1, interval.milliseconds)
    return self + .milliseconds(length * ((now - self).milliseconds / length + 1))
  }
}
