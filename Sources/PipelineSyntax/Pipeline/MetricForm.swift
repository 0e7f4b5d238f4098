import PipelineModel

/// A metric as read: its provider and the names in its query still unchecked.
struct MetricDraft {
  var place: Place
  var provider: Located<String>?
  var query: Located<TemplateDraft>?
  var fallback: Located<FallbackDraft>?
  var canary: Located<ArmDraft>?
  var control: Located<ArmDraft>?
  var compare: Located<CompareDraft>?
  var relative: Located<Double>?
  var rankSum: Located<RankSum>?
  var quantile: Located<SampleComparison>?
  var means: Located<SampleComparison>?
  var burnRate: Located<String>?
  var budget: Located<String>?
  var change: ChangeKind
  var range: Located<Metric.Range>?
  var interval: Interval?
  var split: Located<Metric.Split>?
  var pass: ConditionDraft?
  var fail: ConditionDraft?
  /// Whether a rule is written, readable or not.
  var hasRule: Bool
  var critical: Bool
  var dryRun: Bool
  var onNoData: MissingPolicy
  var onError: MissingPolicy
  var acrossVersions: Bool
  /// Keys that are written, and could not be read.
  var unreadable: Set<String>

  func hasUnreadable(_ key: String) -> Bool { unreadable.contains(key) }
}

extension MetricDraft {
  static let providerKey = Key("provider", Form.text, "name of a provider in headgate.yaml")
  static let queryKey = Key("query", Form.template, "the question, in the provider's own language")
  static let fallbackKey = Key(
    "fallback", FallbackDraft.form, "another provider, and the question for it, when this one gives no answer")
  static let canaryKey = Key("canary", ArmDraft.form, "what the new version shows, for rules that compare")
  static let controlKey = Key("control", ArmDraft.form, "what the version beside it shows")
  static let compareKey = Key(
    "compare", CompareDraft.form, "compares the bad requests of both arms, however often one looks")
  static let relativeKey = Key(
    "minimumRequests", Form.count,
    "`pass` and `fail` are about `value.ratio` and `value.difference` of `canary` and `control`, from so many requests on"
  )
  static let rankSumKey = Key("rankSum", RankSumForm.form, "compares two series by ranks, as Kayenta does")
  static let quantileKey = Key(
    "quantile", SampleForm.quantile, "compares a quantile of single values of both arms, however often one looks")
  static let meansKey = Key(
    "means", SampleForm.means, "compares the means of single values of both arms, however often one looks")
  static let burnRateKey = Key(
    "burnRate", Form.text, "name of an objective: fails while its error budget burns too fast")
  static let budgetKey = Key(
    "budget", Form.text, "name of an objective: passes while its error budget allows the change")
  static let changeKey = Key(
    "change", Form<ChangeKind>.oneOf("kind of change"), default: "feature", "what the change is for, beside `budget`")
  static let rangeKey = Key("range", RangeForm.form, "asks for a series rather than for the value now")
  static let intervalKey = Key(
    "interval", Form.positiveDuration, default: "the gate's `every`", "what `${interval}` stands for in the query")
  static let splitKey = Key(
    "split", Metric.Split.form, default: "{ tolerate: 1.25x }, and `off` for flags",
    "what of the split of the traffic holds the run, for metrics that count `all` requests of both versions")
  static let passKey = Key("pass", Form.condition, "a measurement passes when this is true")
  static let failKey = Key("fail", Form.condition, "a measurement fails when this is true; it beats `pass`")
  static let criticalKey = Key("critical", Form.bool, default: "true", "false: measured and reported, decides nothing")
  static let dryRunKey = Key(
    "dryRun", Form.bool, default: "false", "true: decides nothing, and the record says what it would have decided")
  static let onNoDataKey = Key(
    "onNoData", Form<MissingPolicy>.oneOf("policy"), default: "hold", "what a lack of data does")
  static let onErrorKey = Key(
    "onError", Form<MissingPolicy>.oneOf("policy"), default: "hold", "what an unanswered question does")
  static let acrossVersionsKey = Key(
    "acrossVersions", Form.bool, default: "false", "true: the query means to look at all versions at once")

  /// Keys of the rules that need both arms, and judge by themselves.
  static let comparingRules = [compareKey.name, rankSumKey.name, quantileKey.name, meansKey.name]

  static let object = ObjectForm(
    name: "metric", about: "One question to a provider, with the rule that judges its answer.",
    keys: [
      providerKey, queryKey, fallbackKey, rangeKey, intervalKey, passKey, failKey, criticalKey, dryRunKey, onNoDataKey,
      onErrorKey,
      acrossVersionsKey, canaryKey, controlKey, compareKey, relativeKey, rankSumKey, burnRateKey, budgetKey, changeKey,
      quantileKey, meansKey, splitKey,
    ])

  static let form = Form<MetricDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    return MetricDraft(
      place: node.place, provider: fields[providerKey], query: fields[queryKey], fallback: fields[fallbackKey],
      canary: fields[canaryKey],
      control: fields[controlKey], compare: fields[compareKey], relative: fields[relativeKey],
      rankSum: fields[rankSumKey], quantile: fields[quantileKey], means: fields[meansKey],
      burnRate: fields[burnRateKey], budget: fields[budgetKey],
      change: fields[changeKey]?.value ?? .feature, range: fields[rangeKey],
      interval: fields[intervalKey]?.value, split: fields[splitKey], pass: fields[passKey]?.value,
      fail: fields[failKey]?.value,
      hasRule: ([passKey.name, failKey.name, burnRateKey.name, budgetKey.name] + comparingRules)
        .contains(where: fields.has), critical: fields[criticalKey]?.value ?? true,
      dryRun: fields[dryRunKey]?.value ?? false, onNoData: fields[onNoDataKey]?.value ?? .hold,
      onError: fields[onErrorKey]?.value ?? .hold, acrossVersions: fields[acrossVersionsKey]?.value ?? false,
      unreadable: fields.unreadable)
  }
}

/// Another provider with the question in its own language.
struct FallbackDraft {
  /// `nil`: it could not be read; so with `query`.
  var provider: Located<String>?
  var query: Located<TemplateDraft>?

  private static let provider = Key(
    "provider", Form<String>.text.located, required: true, "name of a provider in headgate.yaml")
  private static let query = Key(
    "query", Form<TemplateDraft>.template, required: true,
    "the question, in that provider's language; its answer is judged the same")
  private static let object = ObjectForm(
    name: "metric-fallback", about: "Who is asked when a provider gives no answer.", keys: [provider, query])

  static let form = Form<FallbackDraft>(.object(object)) { node, reader in
    reader.fields(node, object).map { FallbackDraft(provider: $0[provider]?.value, query: $0[query]) }
  }
}

/// The keys of `range:`.
private enum RangeForm {
  static let over = Key("over", Form.positiveDuration, required: true, "how far the series reaches back")
  static let step = Key("step", Form.positiveDuration, required: true, "time between two points")
  static let object = ObjectForm(name: "range", about: "The series a range query asks for.", keys: [over, step])

  static let form = Form<Metric.Range>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object), let over = fields[over], let step = fields[step] else { return nil }
    guard step.value <= over.value else {
      reader.sink.error("`step` is longer than `over`", at: step.place, help: "make it a fraction of `over`")
      return nil
    }
    guard over.value.milliseconds / step.value.milliseconds <= 11_000 else {
      reader.sink.error("the series has more than 11000 points", at: step.place, help: "make `step` longer")
      return nil
    }
    return Metric.Range(over: over.value, step: step.value)
  }
}
