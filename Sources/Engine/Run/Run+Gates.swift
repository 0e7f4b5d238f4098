import Analysis
package import PipelineModel

extension Run {
  /// Starts a time of waiting and asks for the first look of each metric.
  mutating func watch(
    _ site: GateSite, _ gate: Gate?, since: Timestamp, until: Timestamp, _ reaction: inout Reaction
  ) -> Watching {
    guard let gate, !unguarded else { return Watching(since: since, until: until, tallies: []) }
    for metric in gate.metrics { ask(.measure(site, metric: metric), at: since + gate.delay, &reaction) }
    return Watching(since: since, until: until, tallies: gate.metrics.map { _ in Tally() })
  }

  /// Takes in a measurement: judges it, counts it, asks for the next look, and sees what follows.
  mutating func measured(_ id: EffectID, _ reading: Reading, _ now: Timestamp, _ reaction: inout Reaction) {
    guard let effect = settle(id, &reaction), case .measure(let site, let index) = effect.work,
      case .working(let working) = phase,
      let gate = plan.gate(site, stage: working.stage, move: working.move),
      let position = gate.metrics.firstIndex(of: index)
    else { return }
    let metric = plan.pipeline.metrics[index]
    let judgement = metric.judge(reading)
    reaction.decisions.append(.judged(site, metric: index, judgement))
    ask(effect.work, at: effect.notBefore.next(every: gate.every, after: now), &reaction)
    let tally = record(judgement, reading.number, site, position)
    if gate.isFailed(by: metric, tally) {
      gateFailed(site, now, &reaction)
    } else {
      proceed(now, &reaction)
    }
  }

  private mutating func record(_ judgement: Judgement, _ value: Double?, _ site: GateSite, _ position: Int) -> Tally {
    var tally = Tally()
    phase.withWatching(at: site) { watching in
      watching.tallies[position].record(judgement, value: value)
      tally = watching.tallies[position]
    }
    return tally
  }

  /// A failed metric decides at once; what its siblings were asked is dropped.
  private mutating func gateFailed(_ site: GateSite, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase else { return }
    // While a person is asked what to do about this very failure, more of it is no news.
    if working.held == .gate(site, .fail) { return proceed(now, &reaction) }
    conclude(site, .fail, &reaction)
    failStage(.gate(site, .fail), now, &reaction)
  }

  // MARK: Reports

  mutating func conclude(_ site: GateSite, _ verdict: Verdict, _ reaction: inout Reaction) {
    reaction.decisions.append(.concluded(site, verdict, reports(site, verdict)))
  }

  /// What each metric of a gate has to say; when one failed, the others are `stopped` if they have not failed too.
  private func reports(_ site: GateSite, _ verdict: Verdict) -> [MetricReport] {
    guard case .working(let working) = phase, let watching = working.watching(at: site),
      let gate = plan.gate(site, stage: working.stage, move: working.move), !watching.tallies.isEmpty
    else { return [] }
    return gate.metrics.indices.map { index in
      let tally = watching.tallies[index]
      let failed = gate.isFailed(by: plan.pipeline.metrics[gate.metrics[index]], tally)
      let standing = failed ? .fail : tally.standing(atLeast: gate.atLeast, allow: gate.allow)
      return MetricReport(gate.metrics[index], verdict == .fail && standing != .fail ? .stopped : standing, tally)
    }
  }

  /// What a gate says as things stand; `nil` without a gate, or when every gate was waved through.
  package func verdict(_ site: GateSite) -> Verdict? {
    guard case .working(let working) = phase, let watching = working.watching(at: site),
      let gate = plan.gate(site, stage: working.stage, move: working.move), !watching.tallies.isEmpty
    else { return nil }
    return gate.verdict(watching.tallies, of: plan.pipeline.metrics)
  }
}

extension Metric {
  fileprivate func judge(_ reading: Reading) -> Judgement {
    switch reading {
    case .answer(let answer): rule.judge(answer)
    case .failure: .error
    }
  }
}

extension Reading {
  /// The number measured, if it was one.
  package var number: Double? { if case .answer(.number(let value)) = self { value } else { nil } }
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
    let missed = (now - self).milliseconds / max(1, interval.milliseconds)
    return self + interval * (missed + 1)
  }
}

extension Working {
  package func watching(at site: GateSite) -> Watching? {
    switch (site, activity) {
    case (.background, _): background
    case (.move, .watching(let watching)): watching
    case (.move, .acting), (.move, .approving): nil
    }
  }
}

extension Run.Phase {
  /// Changes the watch at a site in place, so that its tallies are not copied.
  mutating func withWatching(at site: GateSite, _ change: (inout Watching) -> Void) {
    guard case .working(var working) = self else { return }
    self = .waiting
    switch (site, working.activity) {
    case (.background, _):
      if var background = working.background {
        working.background = nil
        change(&background)
        working.background = background
      }
    case (.move, .watching(var watching)):
      working.activity = .approving([])
      change(&watching)
      working.activity = .watching(watching)
    case (.move, .acting), (.move, .approving): break
    }
    self = .working(working)
  }
}
