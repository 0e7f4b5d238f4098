import PipelineModel

/// What cannot work in a gate, whoever uses it.
extension PipelineResolver {
  /// Windows that overlap, within a gate or with those of the step before, would count the same requests twice.
  func checkWindows(_ gate: GateDraft) {
    for name in gate.metrics {
      guard let index = metric(name.value) else { continue }
      let metric = draft.metrics[index].value.value
      guard metric.isCarried else { continue }
      let window = [metric.interval, metric.range?.value.over].compactMap(\.self).max() ?? gate.interval
      if let delay = gate.delay, delay.value < window { reachesBack(name.value, over: window, delay) }
      guard window > gate.interval else { continue }
      sink.error(
        "the metric \(quote(name.value)) looks back over \(window) and is asked every \(gate.interval), so it would count "
          + "\(metric.compare == nil ? "values" : "requests") twice", at: name.place,
        help: metric.range == nil
          ? "leave out its `interval`, or make `every` as long"
          : "let its `range` reach back no further than `every`")
    }
  }

  private func reachesBack(_ metric: String, over window: Interval, _ delay: Located<Interval>) {
    sink.error(
      "the first look comes after \(delay.value), and the metric \(quote(metric)) looks back over \(window): it would "
        + "count what came before, at another share of the traffic", at: delay.place,
      help: "make `delay` at least \(window), or leave it out")
  }

  /// Series that never come to as many values as a comparison wants.
  private func checkValues(_ gate: Gate, _ looks: Int64, _ fit: String, at place: Place) {
    for index in gate.metrics {
      let metric = draft.metrics[index].value.value
      guard let rule = metric.samples?.value, let range = metric.range?.value else { continue }
      let points = range.over.milliseconds / max(1, range.step.milliseconds)
      guard Double(points * looks) < rule.minimum else { continue }
      sink.warning(
        "\(quote(draft.metrics[index].name.value)) wants \(plain(rule.minimum)) values of each version, and \(fit), with "
          + "\(points) points each", at: place, help: "make the `step` of its `range` shorter, or hold longer")
    }
  }

  /// A score needs metrics with labels, and weights of groups that there are.
  ///
  /// - Parameter gate: all its metrics are known.
  func check(_ score: Located<ScoreDraft>, of gate: GateDraft) {
    let drafts = gate.metrics.compactMap { name in metric(name.value).map { draft.metrics[$0].value.value } }
    guard !drafts.contains(where: \.hasUnreadableRule) else { return }
    let ranked = zip(gate.metrics, drafts).compactMap { name, metric in
      metric.rankSum.map { (name: name.value, rule: $0.value, decides: metric.critical && !metric.dryRun) }
    }
    guard ranked.contains(where: \.decides) else {
      return sink.error(
        "nothing in this gate counts for a score", at: score.place,
        help: "give it metrics that compare by `rankSum`, or remove `score`")
    }
    let groups = Set(ranked.filter(\.decides).flatMap { $0.rule.groups.isEmpty ? [$0.name] : $0.rule.groups })
    for weight in score.value.weights where !groups.contains(weight.value) {
      sink.unknown("group", weight.value, among: groups.sorted(), at: weight.place)
    }
    guard score.value.weightsAreRead else { return }
    let weighted = score.value.scoring.weights
    let sum = weighted.reduce(0) { $0 + $1.percent }
    if weighted.count >= groups.count, sum < 99.999 {
      sink.error(
        "every group has a weight, and all come to \(plain((sum * 100).rounded() / 100))%", at: score.place,
        help: "make them 100% altogether, or leave one out")
    } else if weighted.count < groups.count, sum > 99.999 {
      sink.warning(
        "nothing is left for the groups without a weight, so they do not count", at: score.place,
        help: "leave some of the 100% for them")
    }
  }

  func checkDecides(_ gate: GateDraft) {
    let metrics = gate.metrics.compactMap { name in metric(name.value).map { draft.metrics[$0].value.value } }
    guard metrics.count == gate.metrics.count, !metrics.isEmpty else { return }
    guard !metrics.contains(where: { $0.critical && !$0.dryRun }) else { return }
    sink.error(
      "no metric of this gate decides anything, so it can neither pass nor fail", at: gate.place,
      help: "give it a metric that is neither `critical: false` nor `dryRun: true`")
  }

  /// A gate that cannot pass, or cannot fail, in the time it has.
  func check(_ gate: Gate, _ written: GateDraft, within span: Span) {
    guard span.length > .zero else {
      return sink.error(
        "a gate with no time to look: \(span.noun) is zero", at: span.place, help: "hold for at least \(gate.delay)")
    }
    let looks = gate.looks(in: span.length)
    if looks == 0 {
      return sink.error(
        "the gate never looks: its first look comes after \(gate.delay), and \(span.noun) is \(span.length)",
        at: (written.delay ?? written.every)?.place ?? written.place,
        help: "make `\(written.delay == nil ? "every" : "delay")` shorter, or hold longer")
    }
    let fit = "\(looks) \(looks == 1 ? "look fits" : "looks fit") into \(span.noun) of \(span.length)"
    if Int64(gate.atLeast) > looks, let place = written.atLeast?.place {
      sink.error(
        "the gate can never pass: it wants \(gate.atLeast) measurements, and \(fit)", at: place,
        help: "lower `atLeast` to at most \(looks), look more often, or hold longer")
    }
    checkValues(gate, looks, fit, at: written.place)
    if Int64(gate.allow.failures) >= looks, let place = written.failures?.place {
      sink.error(
        "the gate can never fail: it forgives \(gate.allow.failures) failures, and \(fit)", at: place,
        help: "lower `failures` to at most \(looks - 1), look more often, or hold longer")
    }
  }
}
