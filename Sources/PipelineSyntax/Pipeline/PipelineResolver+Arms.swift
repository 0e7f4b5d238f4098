import PipelineModel

extension PipelineResolver {
  /// Names that tie a query to the version that was stable before.
  private static let stableNames: Set<String> = [
    Template.BuiltIn.stable.rawValue, Template.BuiltIn.stableSlot.rawValue, Template.BuiltIn.fromVariant.rawValue,
  ]

  /// A metric that looks at the new version and at the one beside it.
  mutating func comparingMetric(_ name: String, _ draft: MetricDraft) -> Metric {
    if let query = draft.query {
      sink.error(
        "a metric that compares has no `query`", at: query.place,
        help: "write what it asks under `canary` and `control`")
    }
    checkArms(draft, name)
    let (canary, control) = (draft.canary, draft.control)
    let questions = self.questions(canary, .canary, draft) + self.questions(control, .control, draft)
    for asked in canary?.value.templates ?? [] { checkVersion(draft, asked, name) }
    for asked in control?.value.templates ?? [] { checkControl(draft, asked, name) }
    if let provider = draft.provider { checkRange(draft, provider) }
    checkSeries(draft, name)
    checkMissing(draft.compare?.value.missing, [canary?.value.bad, control?.value.bad], of: name)
    return metric(
      name, draft, written(draft.provider?.value, or: ""), written(questions.first?.text, or: Template(parts: [])),
      questions, draft.comparingRule)
  }

  private func checkArms(_ draft: MetricDraft, _ name: String) {
    let isMissing = { (arm: Located<ArmDraft>?, key: String) in arm == nil && !draft.hasUnreadable(key) }
    let isWithoutCanary = isMissing(draft.canary, MetricDraft.canaryKey.name)
    guard isWithoutCanary || isMissing(draft.control, MetricDraft.controlKey.name) else { return }
    sink.error(
      "the metric \(quote(name)) compares, and asks nothing about the "
        + (isWithoutCanary ? "new version" : "version beside it"),
      at: draft.comparingPlace ?? draft.place,
      help: draft.compare == nil
        ? "add `canary: { value: … }` and `control: { value: … }`"
        : "add `canary: { bad: …, all: … }` and `control: { bad: …, all: … }`")
  }

  /// Prometheus has no series of a status that was never answered, so there would be no data until the first failure.
  func checkMissing(_ missing: Located<MissingCount>?, _ asked: [Located<TemplateDraft>?], of name: String) {
    guard missing == nil else { return }
    for bad in asked.compactMap(\.self) {
      guard let filter = PromQLQuery(bad.value.template.source)?.vanishingFilter else { continue }
      sink.warning(
        "\(quote(name)) has no data until something matches \(quote(filter)), so a version without errors would not pass",
        at: bad.place,
        help: "write `missing: zero` if no series means that there were none, or `missing: noData` if this is meant")
    }
  }

  private mutating func questions(
    _ arm: Located<ArmDraft>?, _ side: Question.Side, _ draft: MetricDraft
  ) -> [Question] {
    guard let arm else { return written(nil, or: []) }
    if arm.value.isWhole, !draft.hasUnreadableRule { checkRoles(of: arm, draft) }
    return [
      (Question.Role.value(side), arm.value.value), (.bad(side), arm.value.bad), (.good(side), arm.value.good),
      (.all(side), arm.value.all), (.sum(side), arm.value.sum), (.squares(side), arm.value.squares),
    ].compactMap { role, asked in asked.map { Question(role, template($0.value)) } }
  }

  private func checkRoles(of arm: Located<ArmDraft>, _ draft: MetricDraft) {
    let (bad, good, all, value) = (arm.value.bad, arm.value.good, arm.value.all, arm.value.value)
    if draft.samples != nil {
      checkSamples(arm, draft)
    } else if draft.compare != nil {
      if (bad == nil) == (good == nil) || all == nil || value != nil {
        sink.error(
          "a comparison counts requests: `all`, and either `bad` or `good`", at: arm.place,
          help: "write `{ bad: …, all: … }`, each a count within `${interval}`")
      }
      for count in [bad, good, all].compactMap(\.self) { checkCounts(count) }
    } else if value == nil || arm.value.hasSums || bad != nil || good != nil
      || (draft.relative?.value ?? 0 > 0 && all == nil)
    {
      sink.error(
        "this rule compares values, not counts", at: arm.place,
        help: "write `{ value: … }`, and `all: …` beside it if `minimumRequests` is given")
    }
  }

  private func checkSamples(_ arm: Located<ArmDraft>, _ draft: MetricDraft) {
    let asked = arm.value
    let isOfSums = asked.all != nil && asked.sum != nil && asked.squares != nil && asked.value == nil
    let isOfValues = asked.value != nil && !asked.hasSums
    if asked.bad == nil, asked.good == nil, isOfValues || (isOfSums && draft.means != nil) { return }
    let sums = draft.means == nil ? "" : ", or `{ all: …, sum: …, squares: … }` where the provider adds them up"
    sink.error("this rule is about single values", at: arm.place, help: "write `{ value: … }`\(sums)")
  }

  /// Ranks want more than the one point that a query without a range usually gives.
  private func checkSeries(_ draft: MetricDraft, _ name: String) {
    guard let rankSum = draft.rankSum, draft.range == nil else { return }
    sink.warning(
      "\(quote(name)) compares by ranks and asks for no series, so a look may see a single point of each version",
      at: rankSum.place, help: "add `range: { over: 1h, step: 1m }`, unless the query itself gives many values")
  }

  /// A rate would be taken for a count.
  private func checkCounts(_ asked: Located<TemplateDraft>) {
    let text = asked.value.template.source
    guard text.contains("rate("), !text.contains("increase(") else { return }
    sink.warning(
      "this looks like a rate, and a count is wanted", at: asked.place,
      help: "write `increase(…[${interval}])` instead of `rate(…)`")
  }

  private func checkControl(_ draft: MetricDraft, _ asked: Located<TemplateDraft>, _ name: String) {
    let names = Set(asked.value.uses.map(\.name))
    let text = asked.value.template.source
    let isOther = versionNames.contains { text.contains("!=\"${\($0)}") || text.contains("!= '${\($0)}") }
    guard !draft.acrossVersions, !isOther, names.isDisjoint(with: Self.stableNames) else { return }
    let other = isRamp ? "`${fromVariant}`" : "`${stable}` or `${stableSlot}`"
    if names.isDisjoint(with: versionNames) {
      sink.warning(
        "the control of \(quote(name)) does not name the \(isRamp ? "variant" : "version") beside the new one, so it looks at both",
        at: asked.place,
        help: "put \(other) into it; or write `acrossVersions: true` if that is meant")
    } else {
      sink.error(
        "the control of \(quote(name)) asks about the new \(isRamp ? "variant" : "version"), so it is compared with itself",
        at: asked.place, help: "put \(other) into it, or `!=\"${\(isRamp ? "variant" : "version")}\"`")
    }
  }
}

extension MetricDraft {
  /// Whether it looks at two versions.
  var compares: Bool {
    canary != nil || control != nil || comparingPlace != nil || relative != nil
      || arms.contains(where: hasUnreadable) || hasUnreadableRule
  }

  var hasUnreadableRule: Bool { Self.comparingRules.contains(where: hasUnreadable) }

  /// Of single values.
  var samples: Located<SampleComparison>? { quantile ?? means }

  /// Where the rule stands that needs both arms.
  var comparingPlace: Place? { compare?.place ?? rankSum?.place ?? samples?.place }

  /// Whether evidence is carried from look to look, so that nothing may be counted twice.
  var isCarried: Bool { compare != nil || samples != nil }

  var needsControl: Bool {
    if let compare { return compare.value.comparison.limit == nil }
    return canary != nil || control != nil
  }

  var arms: [String] { [Self.canaryKey.name, Self.controlKey.name] }

  var threshold: Metric.Threshold {
    Metric.Threshold(pass: pass?.condition, fail: fail?.condition, passText: pass?.text, failText: fail?.text)
  }

  var comparingRule: Metric.Rule {
    if let compare { return .comparison(compare.value.comparison) }
    if let rankSum { return .rankSum(rankSum.value) }
    if let samples { return .samples(samples.value) }
    return .relative(Relative(threshold: threshold, minimum: relative?.value ?? 0))
  }
}
