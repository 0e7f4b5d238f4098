import PipelineModel

extension PipelineResolver {
  /// Names that tie a query to the version, or the variant, being rolled out.
  var versionNames: Set<String> {
    let ofVersions = [Template.BuiltIn.version, .slot].map(\.rawValue)
    return Set((isRamp ? [] : ofVersions) + (hasRamp ? [Template.BuiltIn.variant.rawValue] : []))
  }

  mutating func metric(_ named: Named<MetricDraft>) -> Metric {
    let name = named.name.value
    let draft = named.value.value
    checkRules(draft, name, at: named.name.place)
    if let fallback = draft.fallback, draft.burnRate != nil || draft.budget != nil || draft.compares {
      sink.error(
        "only a metric with one `query` can have a fallback of its own", at: fallback.place,
        help: "name one for the provider, under `fallback:` in headgate.yaml: it is asked the same questions")
    }
    if let objective = draft.burnRate ?? draft.budget { return metric(name, draft, on: objective) }
    let mayHaveObjective = [MetricDraft.burnRateKey, MetricDraft.budgetKey].contains { draft.hasUnreadable($0.name) }
    if draft.provider == nil, !draft.hasUnreadable(MetricDraft.providerKey.name), !mayHaveObjective {
      sink.missing(MetricDraft.providerKey, at: draft.place)
    }
    if let provider = draft.provider { surroundings.check(provider, .metrics, "provider", sink) }
    if draft.compares { return comparingMetric(name, draft) }
    if draft.query == nil, !draft.hasUnreadable(MetricDraft.queryKey.name), !mayHaveObjective {
      sink.missing(MetricDraft.queryKey, at: draft.place)
    }
    checkUnits(draft)
    if let query = draft.query { checkRatio(query, name) }
    let asked = self.asked(draft.query, of: draft.provider, draft, name)
    var metric = self.metric(name, draft, asked.provider, asked.query, [], .threshold(draft.threshold))
    if let fallback = draft.fallback?.value {
      if let provider = fallback.provider { surroundings.check(provider, .metrics, "provider", sink) }
      let asked = self.asked(fallback.query, of: fallback.provider, draft, name)
      metric.fallback = .init(provider: asked.provider, query: asked.query)
    }
    return metric
  }

  /// A question and who is asked, what can be told of them checked.
  private mutating func asked(
    _ query: Located<TemplateDraft>?, of provider: Located<String>?, _ draft: MetricDraft, _ name: String
  ) -> (provider: String, query: Template) {
    if let provider { checkRange(draft, provider) }
    if let query { checkVersion(draft, query, name) }
    return (written(provider?.value, or: ""), template(query?.value))
  }

  /// A metric with one rule or none; the rules are told apart by their keys.
  private func checkRules(_ draft: MetricDraft, _ name: String, at place: Place) {
    if !draft.hasRule {
      sink.error(
        "the metric \(quote(name)) has no rule, so it can neither pass nor fail", at: place,
        help: "add `pass:` or `fail:`, for example `pass: value < 500ms`, or `compare:`")
    }
    let others = [
      draft.compare.map { ("compare", $0.place) }, draft.rankSum.map { ("rankSum", $0.place) },
      draft.quantile.map { ("quantile", $0.place) }, draft.means.map { ("means", $0.place) },
      draft.burnRate.map { ("burnRate", $0.place) }, draft.budget.map { ("budget", $0.place) },
    ].compactMap(\.self)
    guard let first = others.first else { return }
    let second = others.dropFirst().first ?? (draft.pass?.place ?? draft.fail?.place).map { ("pass", $0) }
    guard let second else { return }
    sink.error(
      "\(quote(first.0)) judges by itself, and another rule stands beside it", at: second.1,
      help: "make two metrics of it, and put both into the gate")
  }

  func metric(
    _ name: String, _ draft: MetricDraft, _ provider: String, _ query: Template, _ questions: [Question],
    _ rule: Metric.Rule
  ) -> Metric {
    var metric = Metric(
      name: name, provider: provider, query: query, range: draft.range?.value, interval: draft.interval, rule: rule,
      critical: draft.critical, dryRun: draft.dryRun, onNoData: draft.onNoData, onError: draft.onError)
    metric.questions = questions
    metric.split = draft.split?.value
    if let split = draft.split { checkCounts(metric, split) }
    return metric
  }

  private func checkCounts(_ metric: Metric, _ split: Located<Metric.Split>) {
    guard !metric.comparesArms || !metric.countsRequests else { return }
    sink.error(
      "\(quote(metric.name)) does not count the requests of both versions, so their split cannot be checked",
      at: split.place,
      help: metric.comparesArms ? "add `all: …` to `canary` and `control`" : "put `split` into a metric that compares")
  }

  func checkVersion(_ draft: MetricDraft, _ query: Located<TemplateDraft>, _ name: String) {
    guard !draft.acrossVersions, !draft.hasUnreadable(MetricDraft.acrossVersionsKey.name),
      !query.value.uses.contains(where: { versionNames.contains($0.name) })
    else {
      return
    }
    let (what, names) = isRamp ? ("variant", "`${variant}`") : ("version", "`${version}` or `${slot}`")
    let message = "the query of \(quote(name)) does not name the new \(what), so it judges old and new together"
    let help = "put \(names) into it; or write `acrossVersions: true` if that is meant"
    if draft.critical && !draft.dryRun {
      sink.error(message, at: query.place, help: help)
    } else {
      sink.warning(message, at: query.place, help: help)
    }
  }

  private func checkRatio(_ asked: Located<TemplateDraft>, _ name: String) {
    guard let query = PromQLQuery(asked.value.template.source), query.divides, let filter = query.vanishingFilter
    else { return }
    sink.warning(
      "the query of \(quote(name)) has no data while nothing matches \(quote(filter)), so a version without errors would "
        + "not pass", at: asked.place,
      help: "write `(sum(…) or vector(0)) / sum(…)`: then no errors are 0, and no traffic is still no data")
  }

  func checkRange(_ draft: MetricDraft, _ provider: Located<String>) {
    guard let range = draft.range, !surroundings.can(provider.value, of: .metrics, .rangeQueries) else { return }
    sink.error(
      "the provider \(quote(provider.value)) has no range queries", at: range.place,
      help: "remove `range:`, and let the query itself sum up the time it looks at")
  }

  /// `pass: value < 500ms` beside `fail: value > 800` forgets a unit.
  private func checkUnits(_ draft: MetricDraft) {
    guard let pass = draft.pass?.comparisons, let fail = draft.fail?.comparisons, let first = pass.first else { return }
    guard !pass.contains(where: { $0.value != first.value }) else { return }
    guard let other = fail.first(where: { $0.value != first.value }) else { return }
    sink.warning(
      "`fail` compares with \(other.value.rawValue), `pass` with \(first.value.rawValue)", at: other.place,
      help: "give both limits the same kind of unit")
  }
}
