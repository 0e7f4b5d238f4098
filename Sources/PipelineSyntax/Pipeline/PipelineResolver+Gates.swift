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
  mutating func gate(_ use: GateUse, within span: Span?) -> Gate {
    switch use {
    case .inline(let draft): return resolved(draft, within: span)
    case .named(let name):
      used.gates.insert(name.value)
      if let found = gate(name.value) { return resolved(found, within: span) }
      if !draft.mayHave(name.value, under: PipelineDraft.gatesKey) { reportUnknownGate(name) }
      return written(nil, or: Gate(metrics: [], every: GateDraft.defaultEvery))
    }
  }

  /// Whether all metrics are known that it names.
  func isResolved(_ use: GateUse) -> Bool {
    let written: GateDraft? =
      switch use {
      case .inline(let draft): draft
      case .named(let name): gate(name.value)
      }
    return written?.metrics.allSatisfy { metric($0.value) != nil } ?? false
  }

  private func reportUnknownGate(_ name: Located<String>) {
    let isMetric = metric(name.value) != nil
    sink.unknown(
      "gate", name.value, among: draft.gates.map(\.name.value), at: name.place,
      help: isMetric ? "that is a metric; write `gate: { metrics: [\(name.value)] }`" : "name gates under `gates:`")
  }

  /// - Parameter span: `nil` for a gate that nothing uses, or nobody knows how long.
  mutating func resolved(_ gate: GateDraft, within span: Span?) -> Gate {
    let indices = metricIndices(gate.metrics)
    checkDecides(gate)
    let resolved = Gate(
      metrics: indices, every: gate.interval, delay: gate.delay?.value, atLeast: gate.atLeast?.value ?? 1,
      allow: gate.allow, patience: gate.patience, score: gate.score?.value.scoring)
    if gate.looksAreRead { checkWindows(gate) }
    if let score = gate.score, indices.count == gate.metrics.count { check(score, of: gate) }
    if let span, gate.looksAreRead { check(resolved, gate, within: span) }
    return resolved
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
        if !draft.mayHave(name.value, under: PipelineDraft.metricsKey) {
          sink.unknown(
            "metric", name.value, among: draft.metrics.map(\.name.value), at: name.place,
            help: draft.metrics.isEmpty ? "name metrics under `metrics:`" : nil)
        }
        isPartial = true
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
}
