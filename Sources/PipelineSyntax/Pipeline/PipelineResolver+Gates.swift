import PipelineModel

extension PipelineResolver {
  /// How long a gate is looked at, and where that is written.
  struct Span {
    var length: Interval
    var place: Place
    /// "the hold of 15m", for messages.
    var noun: String

    /// `nil` of a length that could not be read.
    init?(_ length: Interval?, at place: Place, noun: String) {
      guard let length else { return nil }
      (self.length, self.place, self.noun) = (length, place, noun)
    }
  }

  /// - Parameter span: `nil`: nobody knows how long.
  mutating func gate(_ use: GateUse, within span: Span?) -> Gate? {
    switch use {
    case .inline(let draft): return resolved(draft, within: span)
    case .named(let name):
      used.gates.insert(name.value)
      if let found = gate(name.value) { return resolved(found, within: span) }
      if draft.unread.contains(name.value) { return nil }
      let isMetric = metric(name.value) != nil
      sink.unknown(
        "gate", name.value, among: draft.gates.map(\.name.value), at: name.place,
        help: isMetric ? "that is a metric; write `gate: { metrics: [\(name.value)] }`" : "name gates under `gates:`")
      return nil
    }
  }

  /// - Parameter span: `nil` for a gate that nothing uses, or nobody knows how long.
  mutating func resolved(_ gate: GateDraft, within span: Span?) -> Gate? {
    let indices = metricIndices(gate.metrics)
    checkDecides(gate)
    let resolved = Gate(
      metrics: indices, every: gate.interval, delay: gate.delay?.value, atLeast: gate.atLeast?.value ?? 1,
      allow: gate.allow, patience: gate.patience, score: gate.score?.value.scoring)
    if gate.isWhole { checkWindows(gate) }
    if let score = gate.score { check(score, of: gate) }
    if let span, gate.isWhole { check(resolved, gate, within: span) }
    return indices.count == gate.metrics.count ? resolved : nil
  }

  /// Windows that overlap, within a gate or with those of the step before, would count the same requests twice.
  private func checkWindows(_ gate: GateDraft) {
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
  private func check(_ score: Located<ScoreDraft>, of gate: GateDraft) {
    let ranked = gate.metrics.compactMap { name in
      metric(name.value).flatMap { index in
        let metric = draft.metrics[index].value.value
        return metric.rankSum.map { (name: name.value, rule: $0.value, decides: metric.critical && !metric.dryRun) }
      }
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

  /// Takes what needs a control out of a gate where the new version runs alone, and says so.
  ///
  /// - Returns: `nil` where nothing is left that decides.
  func alone(_ gate: Gate, at place: Place, _ noun: String) -> Gate? {
    let drafts = draft.metrics.map(\.value.value)
    let needing = gate.metrics.filter { drafts[$0].needsControl }
    guard !needing.isEmpty else { return gate }
    var left = gate
    left.metrics.removeAll(where: needing.contains)
    if !left.metrics.contains(where: { drafts[$0].rankSum != nil }) { left.score = nil }
    guard !left.metrics.contains(where: { drafts[$0].critical && !drafts[$0].dryRun }) else { return left }
    let names = needing.map { quote(draft.metrics[$0].name.value) }.joined(separator: ", ")
    sink.warning(
      "\(noun) nothing runs beside the new version, so \(names) cannot be compared, and nothing else judges", at: place,
      help: "add a metric with `pass:` or `burnRate:` to the gate, or give the comparison a `limit:`")
    return nil
  }

  /// Warns of a step that, with the usual traffic, is over before its comparisons can say anything.
  ///
  /// - Parameters:
  ///   - before: the steps of the stage before it, whose looks have told of bursts already.
  ///   - hold: as it is written.
  func checkDecides(
    _ step: Canary.Step, after before: [Canary.Step], held hold: Located<Interval?>?, at place: Place
  ) {
    guard let gate = step.gate, hold == nil || hold?.value != nil else { return }
    let place = hold?.place ?? place
    let metrics = draft.metrics.map { named in
      var metric = Metric(
        name: named.name.value, provider: "", query: Template(parts: []), rule: named.value.value.comparingRule)
      metric.critical = named.value.value.critical
      metric.dryRun = named.value.value.dryRun
      metric.interval = named.value.value.interval
      return metric
    }
    for decision in metrics.decisions(of: gate, over: step.hold, at: step.weight, after: before, nil)
    where decision.fits(step.hold + gate.patience) == false {
      sink.warning(
        "at \(step.weight) the hold of \(step.hold) is too short for \(quote(decision.metric)) to decide anything",
        at: place,
        help: decision.mend(over: step.hold + gate.patience)
          + (decision.recommendedHold == nil ? "" : "; or give the gate `waitAtMost`, or begin with a larger share"))
    }
  }

  /// A comparison that stands in the gate of a step and in that of the stage would be told everything twice.
  func checkTwice(_ gates: [Gate?], _ background: Gate?, at place: Place) {
    guard let background else { return }
    let counted = Set(gates.flatMap { $0?.metrics ?? [] }).intersection(background.metrics)
    for index in counted.sorted() where draft.metrics[index].value.value.isCarried {
      sink.error(
        "the comparison \(quote(draft.metrics[index].name.value)) stands in a step's gate and in the background gate, so it "
          + "would count everything twice", at: place, help: "leave it in one of them")
    }
  }

  private mutating func metricIndices(_ names: [Located<String>]) -> [Int] {
    var indices: [Int] = []
    for name in names {
      used.metrics.insert(name.value)
      guard let index = metric(name.value) else {
        if draft.unread.contains(name.value) { continue }
        sink.unknown(
          "metric", name.value, among: draft.metrics.map(\.name.value), at: name.place,
          help: draft.metrics.isEmpty ? "name metrics under `metrics:`" : nil)
        continue
      }
      if indices.contains(index) {
        sink.error("the metric \(quote(name.value)) is in this gate already", at: name.place, help: "name it once")
      } else {
        indices.append(index)
      }
    }
    return indices
  }

  private func checkDecides(_ gate: GateDraft) {
    let metrics = gate.metrics.compactMap { name in metric(name.value).map { draft.metrics[$0].value.value } }
    guard metrics.count == gate.metrics.count, !metrics.isEmpty else { return }
    guard !metrics.contains(where: { $0.critical && !$0.dryRun }) else { return }
    sink.error(
      "no metric of this gate decides anything, so it can neither pass nor fail", at: gate.place,
      help: "give it a metric that is neither `critical: false` nor `dryRun: true`")
  }

  /// A gate that cannot pass, or cannot fail, in the time it has.
  private func check(_ gate: Gate, _ written: GateDraft, within span: Span) {
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
