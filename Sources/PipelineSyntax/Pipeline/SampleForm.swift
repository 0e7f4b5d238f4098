import PipelineModel

/// The keys of `quantile:` and `means:`.
enum SampleForm {
  static let of = Key("of", Form.percentage, required: true, "which quantile: `99%` is what 1 value in 100 exceeds")
  static let worse = Key("worse", Form<SampleComparison.Worse>.oneOf("side"), default: "higher", "which side is worse")
  static let tolerate = Key("tolerate", Form.factor, default: "1x", "how many times worse is tolerated")
  static let detect = Key("detect", Form.factor, default: "1.5x", "how many times worse must not pass")
  static let confidence = Key(
    "confidence", Form.percentage, default: "99%",
    "that a version no worse than tolerated is not failed in a whole rollout, by all comparisons together")
  static let passConfidence = Key(
    "passConfidence", Form.percentage, default: "95%", "that a version as bad as `detect` does not pass")
  static let share = Key(
    "share", Form.factor, default: "1", "its part of what may go wrong, beside the other comparisons")
  static let minimum = Key(
    "minimum", Form.values, default: "100", "values that each version needs before there is anything to say")
  static let sharpestAt = Key(
    "sharpestAt", Form.values, default: "5000", "number of values of the new version at which it tells the most")

  private static let common: [any KeyDescription] = [
    worse, tolerate, detect, confidence, passConfidence, share, minimum, sharpestAt,
  ]

  static let quantile = form(
    ObjectForm(
      name: "quantile",
      about:
        "A comparison of a quantile of single values with the version beside it that may be looked at at any time.",
      keys: [of] + common)
  ) { fields, reader in
    guard let of = fields[of] else { return nil }
    if of.value > .none, of.value < .all { return .quantile(of.value.fraction) }
    reader.sink.error("a quantile lies between 0% and 100%", at: of.place, help: "for example `99%`")
    return nil
  }

  static let means = form(
    ObjectForm(
      name: "means",
      about: "A comparison of the mean of single values with the version beside it that may be looked at at any time.",
      keys: common)
  ) { _, _ in .mean }

  private static func form(
    _ object: ObjectForm, _ measure: @escaping @Sendable (Fields, Reader) -> SampleComparison.Measure?
  ) -> Form<SampleComparison> {
    Form(.object(object)) { node, reader in
      guard let fields = reader.fields(node, object) else { return nil }
      let measure = measure(fields, reader)
      let usual = SampleComparison(measure ?? .quantile(0.99))
      let rule = SampleComparison(
        usual.measure, worse: fields[worse]?.value ?? usual.worse, tolerate: fields[tolerate]?.value ?? usual.tolerate,
        detect: fields[detect]?.value ?? usual.detect,
        confidence: fields[confidence]?.value.fraction ?? usual.confidence,
        passConfidence: fields[passConfidence]?.value.fraction ?? usual.passConfidence,
        share: fields[share]?.value ?? usual.share, minimum: fields[minimum]?.value ?? usual.minimum,
        sharpestAt: fields[sharpestAt]?.value ?? usual.sharpestAt)
      check(rule, fields, reader.sink)
      return measure == nil ? nil : rule
    }
  }

  private static func check(_ rule: SampleComparison, _ fields: Fields, _ sink: DiagnosticSink) {
    if rule.tolerate < 1 {
      sink.error(
        "less than `1x` tolerated fails versions that are as good as the one beside them",
        at: fields.place(of: tolerate), help: "write `1x`, or more")
    }
    if rule.detect < rule.tolerate * 1.01 {
      sink.error(
        "`detect` is not more than what is tolerated: nothing could be told apart", at: fields.place(of: detect),
        help: "write more than `tolerate`, for example `1.5x`")
    }
    for (key, value) in [(confidence, rule.confidence), (passConfidence, rule.passConfidence)]
    where !(0.5..<1).contains(value) {
      sink.error("a confidence lies between 50% and 99.99%", at: fields.place(of: key), help: "for example `99%`")
    }
    if rule.share <= 0 {
      sink.error("without a share it could never fail", at: fields.place(of: share), help: "write `1`")
    }
    if case .mean = rule.measure, rule.minimum < 30 {
      sink.error(
        "from less than 30 values nothing is promised about a mean", at: fields.place(of: minimum),
        help: "leave it at 100")
    }
  }
}

extension Form where Value == Double {
  /// A number of single values.
  fileprivate static let values = Form(.integer(2...1_000_000_000)) { node, reader in
    Form<Int>.integer(2...1_000_000_000).read(node, reader).map(Double.init)
  }
}
