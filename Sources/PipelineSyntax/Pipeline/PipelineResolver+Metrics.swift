import PipelineModel

extension PipelineResolver {
  /// Names that tie a query to the version being rolled out.
  private static let versionNames: Set<String> = [
    Template.BuiltIn.version.rawValue, Template.BuiltIn.slot.rawValue,
  ]

  mutating func metric(_ named: Named<MetricDraft>) -> Metric? {
    let name = named.name.value
    let draft = named.value.value
    if !draft.hasRule {
      sink.error(
        "the metric \(quote(name)) has no rule, so it can neither pass nor fail", at: named.name.place,
        help: "add `pass:` or `fail:`, for example `pass: value < 500ms`")
    }
    if let provider = draft.provider { surroundings.check(provider, .metrics, "provider", sink) }
    checkUnits(draft)
    guard let provider = draft.provider, let query = draft.query else { return nil }
    checkRange(draft, provider)
    checkVersion(draft, query, name)
    checkRatio(query, name)
    let threshold = Metric.Threshold(
      pass: draft.pass?.condition, fail: draft.fail?.condition, passText: draft.pass?.text, failText: draft.fail?.text)
    return Metric(
      name: name, provider: provider.value, query: template(query.value), range: draft.range?.value,
      interval: draft.interval, rule: .threshold(threshold), critical: draft.critical, dryRun: draft.dryRun,
      onNoData: draft.onNoData, onError: draft.onError)
  }

  private func checkVersion(_ draft: MetricDraft, _ query: Located<TemplateDraft>, _ name: String) {
    guard !draft.acrossVersions, !query.value.uses.contains(where: { Self.versionNames.contains($0.name) }) else {
      return
    }
    let message = "the query of \(quote(name)) does not name the new version, so it judges old and new together"
    let help = "put `${version}` or `${slot}` into it; or write `acrossVersions: true` if that is meant"
    if draft.critical && !draft.dryRun {
      sink.error(message, at: query.place, help: help)
    } else {
      sink.warning(message, at: query.place, help: help)
    }
  }

  private func checkRatio(_ query: Located<TemplateDraft>, _ name: String) {
    guard let filter = PromQLRatio(query.value.template.source)?.vanishingFilter else { return }
    sink.warning(
      "the query of \(quote(name)) has no data while nothing matches \(quote(filter)), so a version without errors would "
        + "not pass", at: query.place,
      help: "write `(sum(…) or vector(0)) / sum(…)`: then no errors are 0, and no traffic is still no data")
  }

  private func checkRange(_ draft: MetricDraft, _ provider: Located<String>) {
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
