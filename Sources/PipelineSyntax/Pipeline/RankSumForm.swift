import PipelineModel

/// The keys of `rankSum:`.
enum RankSumForm {
  static let tolerance = Key(
    "tolerance", Form.percentage, default: "25%", "of the shift itself, that does not count")
  static let confidence = Key("confidence", Form.percentage, default: "98%", "of the interval for the shift")
  static let direction = Key(
    "direction", Form<RankSum.Direction>.oneOf("direction"), default: "either", "which way is worse")
  static let decrease = Key(
    "allowedDecrease", Form.factor, default: "1x", "effect down to which it passes")
  static let increase = Key(
    "allowedIncrease", Form.factor, default: "1x", "effect up to which it passes")
  static let effect = Key(
    "effect", Form<RankSum.Effect>.oneOf("effect"), default: "meanRatio",
    "what `allowedIncrease` and the like are about: the ratio of the means, or `cles`, the share of pairs in which the "
      + "new version's value is the larger")
  static let missing = Key(
    "missing", Form<RankSum.Missing>.oneOf("way with missing points"), default: "remove",
    "what a point without a value counts as")
  static let outliers = Key(
    "removeOutliers", Form.bool, default: "false", "leaves out what lies far from the quartiles")
  static let outlierFactor = Key(
    "outlierFactor", Form.factor, default: "3x", "interquartile ranges from the quartiles, beside `removeOutliers`")
  static let outlierMeasure = Key(
    "outlierMeasure", Form<RankSum.OutlierMeasure>.oneOf("measure of outliers"), default: "quartiles",
    "`deviations`: `outlierFactor` counts standard deviations from the mean instead")
  static let groups = Key(
    "groups", Form.text.list, default: "one of its own", "groups whose score it counts for, in gates with a `score`")
  static let mustPass = Key(
    "mustPass", Form.bool, default: "false", "true: in a gate with a `score`, it fails the gate by itself")
  static let criticalDecrease = Key(
    "criticalDecrease", Form.factor, default: "1x", "effect from which down it does so, beside `mustPass`")
  static let criticalIncrease = Key(
    "criticalIncrease", Form.factor, default: "1x", "effect from which up it does so, beside `mustPass`")
  static let mustHaveData = Key(
    "mustHaveData", Form.bool, default: "false", "true: in a gate with a `score`, no data counts as a failure")

  static let object = ObjectForm(
    name: "rankSum", about: "Kayenta's comparison of two series by ranks.",
    keys: [
      tolerance, confidence, direction, decrease, increase, outliers, effect, missing, outlierFactor, outlierMeasure,
      groups,
      mustPass, criticalDecrease, criticalIncrease, mustHaveData,
    ],
    refused: [
      "nanStrategy": "write `missing: remove`, or `missing: zero` where Kayenta has `replace`",
      "effectSize": "write `allowedIncrease`, `criticalIncrease` and so on beside it, and `effect:` for the measure",
      "critical": "write `mustPass: true`; `critical: false` at the metric itself leaves it out of every decision",
      "outliers": "write `removeOutliers: true`, and `outlierFactor: 3x`",
    ])

  static let form = Form<RankSum>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    let usual = RankSum()
    let rule = RankSum(
      tolerance: fields[tolerance]?.value.fraction ?? usual.tolerance,
      confidence: fields[confidence]?.value.fraction ?? usual.confidence,
      direction: fields[direction]?.value ?? usual.direction,
      allowedDecrease: fields[decrease]?.value ?? usual.allowedDecrease,
      allowedIncrease: fields[increase]?.value ?? usual.allowedIncrease,
      effect: fields[effect]?.value ?? usual.effect, missing: fields[missing]?.value ?? usual.missing,
      outlierFactor: fields[outliers]?.value == true ? fields[outlierFactor]?.value ?? 3 : nil,
      outlierMeasure: fields[outlierMeasure]?.value ?? usual.outlierMeasure, groups: fields[groups]?.value ?? [],
      mustPass: fields[mustPass]?.value ?? false,
      criticalDecrease: fields[criticalDecrease]?.value ?? usual.criticalDecrease,
      criticalIncrease: fields[criticalIncrease]?.value ?? usual.criticalIncrease,
      mustHaveData: fields[mustHaveData]?.value ?? false)
    check(rule, fields, reader.sink)
    // Nobody may be told that there is none of a group that could not be read.
    return fields.unreadable.contains(groups.name) ? nil : rule
  }

  private static func check(_ rule: RankSum, _ fields: Fields, _ sink: DiagnosticSink) {
    if !(0.5..<1).contains(rule.confidence) {
      sink.error("a confidence lies between 50% and 99.99%", at: fields.place(of: confidence), help: "write `98%`")
    }
    for key in [criticalIncrease, criticalDecrease] where fields.has(key.name) && !rule.mustPass {
      sink.error(
        "\(quote(key.name)) means nothing without `mustPass: true`", at: fields.place(of: key),
        help: "add `mustPass: true`, or remove it")
    }
    for (key, place) in [
      (outlierFactor.name, fields.place(of: outlierFactor)), (outlierMeasure.name, fields.place(of: outlierMeasure)),
    ] where fields.has(key) && rule.outlierFactor == nil {
      sink.error(
        "`\(key)` means nothing without `removeOutliers: true`", at: place, help: "add it, or remove `\(key)`")
    }
    if rule.effect == .cles, max(rule.allowedIncrease, rule.criticalIncrease) > 1 || rule.allowedDecrease > 1 {
      sink.error(
        "an effect by `cles` is a share of pairs, from 0 to 1", at: fields.place(of: increase),
        help: "write for example `allowedIncrease: 0.7`")
    }
  }
}

/// The keys of `score:`.
struct ScoreDraft {
  var scoring: Scoring
  var weights: [Located<String>]
  /// Whether all weights that are written could be read.
  var weightsAreRead: Bool

  static let pass = Key("pass", Form.points, default: "95", "score from which on the gate passes")
  static let marginal = Key("marginal", Form.points, default: "75", "score below which it fails at once")
  static let weightsKey = Key(
    "weights", Form.percentage.named.watched, default: "the same for all",
    "weights of the groups; groups without one share what is left of 100%")
  static let object = ObjectForm(
    name: "score", about: "One score of the gate's metrics that compare by `rankSum`, as Kayenta makes it.",
    keys: [pass, marginal, weightsKey])

  static let form = Form<ScoreDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    let usual = Scoring()
    let written = fields[weightsKey]?.value
    let weights = written?.value ?? []
    let scoring = Scoring(
      pass: fields[pass]?.value ?? usual.pass,
      marginal: fields[marginal]?.value ?? min(usual.marginal, fields[pass]?.value ?? 100),
      weights: weights.map { .init(group: $0.name.value, percent: $0.value.value.fraction * 100) })
    if scoring.marginal > scoring.pass {
      reader.sink.error(
        "a score is marginal below what passes", at: fields.place(of: marginal),
        help: "make `marginal` at most `pass`")
    }
    if scoring.marginal <= 0 {
      reader.sink.error(
        "no score is below 0, so the gate could never fail", at: fields.place(of: marginal),
        help: "write for example `75`")
    }
    let sum = scoring.weights.reduce(0) { $0 + $1.percent }
    if sum > 100.001 {
      reader.sink.error(
        "the weights come to \(plain((sum * 100).rounded() / 100))%", at: fields.place(of: weightsKey),
        help: "at most 100% altogether")
    }
    return ScoreDraft(
      scoring: scoring, weights: weights.map(\.name),
      weightsAreRead: written?.isWhole ?? !fields.unreadable.contains(weightsKey.name))
  }
}

extension Form where Value == Double {
  /// A score from 0 to 100.
  static let points = Form(.number) { node, reader in
    guard let text = reader.text(node, wanting: "a score", help: "from 0 to 100") else { return nil }
    if let number = plainNumber(text[...]), number <= 100 { return number }
    reader.sink.error("\(quote(text)) is no score", at: node.place, help: "from 0 to 100")
    return nil
  }
}
