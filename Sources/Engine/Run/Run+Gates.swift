import Analysis
package import PipelineModel

extension Run {
  /// Starts a time of waiting and asks for the first look of each metric.
  ///
  /// When every gate is waved through there are no looks, and the record says that this gate said nothing.
  mutating func watch(
    _ site: GateSite, _ gate: Gate?, since: Timestamp, until: Timestamp, _ reaction: inout Reaction
  ) -> Watching {
    guard let gate else { return Watching(since: since, until: until, tallies: []) }
    if unguarded {
      reaction.decisions.append(.overrode(site, .stopped))
      return Watching(since: since, until: until, tallies: [])
    }
    for metric in gate.metrics { ask(.measure(site, metric: metric), at: since + gate.delay, &reaction) }
    return Watching(since: since, until: until, tallies: gate.metrics.map { _ in Tally() })
  }

  /// Takes in a measurement: judges it, counts it, sees what follows, and asks for the next look.
  mutating func measured(
    _ id: EffectID, _ reading: Reading, _ now: Timestamp, _ reaction: inout Reaction
  ) throws(IllegalTransition) {
    guard let look = try settle(id, as: .measure, &reaction), case .measure(let site, let metric) = look.work,
      case .working(var working) = phase,
      let gate = plan.gate(site, stage: working.stage, move: working.move),
      let position = gate.metrics.firstIndex(of: metric)
    else { return }
    let judgement = plan.judges[metric].judge(reading)
    reaction.decisions.append(.judged(site, metric: metric, judgement))
    // Taken out while it changes, so that its tallies are not copied.
    phase = .waiting
    let tally = working.record(judgement, reading.number, site, position)
    let isFailed = gate.isFailed(by: plan.stakes[metric], tally)
    let isQuiet = !isFailed && isQuiet(working, now)
    let (stage, move) = (working.stage, working.move)
    phase = .working(working)
    if isFailed { gateFailed(site, now, &reaction) } else if !isQuiet { proceed(now, &reaction) }
    guard isQuiet || goesOn(site, stage, move) else { return }
    ask(look.work, at: look.notBefore.next(every: gate.every, after: now), &reaction)
  }

  /// Whether the gate that was judging still does.
  private func goesOn(_ site: GateSite, _ stage: Int, _ move: Int) -> Bool {
    guard case .working(let working) = phase else { return false }
    switch site {
    case .background: return working.background != nil
    case .move: return working.stage == stage && working.move == move
    }
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
    guard case .working(let working) = phase, let watching = working.watching(at: site),
      let gate = plan.gate(site, stage: working.stage, move: working.move)
    else { return [] }
    let shown = zip(gate.metrics, watching.tallies)
    let hasFailedAtOnce = shown.contains { gate.isFailed(by: plan.stakes[$0], $1) }
    return shown.map { index, tally in
      let metric = plan.stakes[index]
      let hasFailed =
        verdict == .fail && !hasFailedAtOnce ? gate.vote(of: metric, tally) == .fail : gate.isFailed(by: metric, tally)
      let standing = hasFailed ? .fail : tally.standing(atLeast: gate.atLeast, allow: gate.allow)
      return MetricReport(index, verdict == .fail && standing != .fail ? .stopped : standing, tally)
    }
  }

  /// What a gate says as things stand; `nil` without a gate, or when every gate was waved through.
  package func verdict(_ site: GateSite) -> Verdict? {
    guard case .working(let working) = phase, let watching = working.watching(at: site), !watching.tallies.isEmpty,
      let gate = plan.gate(site, stage: working.stage, move: working.move)
    else { return nil }
    return gate.verdict(watching.tallies, of: plan.stakes)
  }
}

extension Judge {
  fileprivate func judge(_ reading: Reading) -> Judgement {
    switch reading {
    case .answer(let answer): judge(answer)
    case .failure: .error
    }
  }
}

extension Reading {
  /// The number measured, if it was one: finite, alone or the only one of a list.
  package var number: Double? {
    switch self {
    case .answer(.number(let value)): value.isFinite ? value : nil
    case .answer(.list(let items)) where items.count == 1: Reading.answer(items[0]).number
    case .answer, .failure: nil
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
