import PipelineModel

/// What is asked about one arm.
struct ArmDraft {
  var bad: Located<TemplateDraft>?
  var good: Located<TemplateDraft>?
  var all: Located<TemplateDraft>?
  var value: Located<TemplateDraft>?
  var sum: Located<TemplateDraft>?
  var squares: Located<TemplateDraft>?
  /// Whether all of it could be read.
  var isWhole: Bool

  static let badKey = Key("bad", Form.template, "bad requests within `${interval}`")
  static let goodKey = Key("good", Form.template, "good requests within `${interval}`, where bad ones are not counted")
  static let allKey = Key("all", Form.template, "all requests within `${interval}`")
  static let valueKey = Key("value", Form.template, "a number or a series, for rules that do not count")
  static let sumKey = Key("sum", Form.template, "sum of the single values within `${interval}`, for `means`")
  static let squaresKey = Key("squares", Form.template, "sum of their squares, beside `sum` and `all`")
  static let object = ObjectForm(
    name: "arm", about: "What is asked about one of two versions.",
    keys: [badKey, goodKey, allKey, valueKey, sumKey, squaresKey])

  static let form = Form<ArmDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    return ArmDraft(
      bad: fields[badKey], good: fields[goodKey], all: fields[allKey], value: fields[valueKey],
      sum: fields[sumKey], squares: fields[squaresKey], isWhole: fields.unreadable.isEmpty)
  }

  var hasSums: Bool { sum != nil || squares != nil }

  var templates: [Located<TemplateDraft>] { [bad, good, all, value, sum, squares].compactMap(\.self) }
}

/// The keys of `compare:`.
struct CompareDraft {
  var comparison: Comparison
  var detect: Located<Double>?
  var missing: Located<MissingCount>?
  var expected: Traffic?

  /// What a metric's author expects, for plans.
  struct Traffic {
    var requests, bad: Double
  }

  static let tolerateKey = Key("tolerate", Form.factor, default: "1x", "how many times the rate beside it is tolerated")
  static let detectKey = Key("detect", Form.factor, default: "2x", "how many times the rate beside it must not pass")
  static let confidenceKey = Key(
    "confidence", Form.percentage, default: "99%",
    "that a healthy version is not failed in a whole rollout, by all comparisons together")
  static let passConfidenceKey = Key(
    "passConfidence", Form.percentage, default: "95%", "that a version as bad as `detect` does not pass")
  static let shareKey = Key(
    "share", Form.factor, default: "1", "its part of what may go wrong, beside the other comparisons")
  static let limitKey = Key(
    "limit", Form.percentage, "a share of bad requests that fails at once, and judges where nothing runs beside it")
  static let negligibleKey = Key(
    "negligible", Form.percentage, default: "0.01%",
    "a share of bad requests that nobody minds: one known to be less passes, whatever is beside it; `0%`: none")
  static let missingKey = Key(
    "missing", MissingCount.form, default: "noData",
    "what no series of bad requests means where there are requests: `noData`, or `zero`, that there were none")
  static let dispersionKey = Key(
    "dispersion", Comparison.Dispersion.form, default: "estimated",
    "`none`, `estimated`, or variance ÷ mean of the bad requests of an interval, where errors come in bursts")
  static let requestsKey = Key(
    "requests", Form.rate, required: true, "requests a second over both versions, as `200/s`")
  static let usualKey = Key("bad", Form.percentage, required: true, "the usual share of bad ones")
  static let expectObject = ObjectForm(
    name: "expected", about: "The usual traffic, from which plans say when a step can decide.",
    keys: [requestsKey, usualKey])
  static let expectKey = Key("expect", expectForm, "the usual traffic, so that plans say when a step can decide")
  static let object = ObjectForm(
    name: "compare", about: "A comparison with the version beside it that may be looked at at any time.",
    keys: [
      tolerateKey, detectKey, confidenceKey, passConfidenceKey, shareKey, limitKey, negligibleKey, missingKey,
      dispersionKey, expectKey,
    ])

  private static let expectForm = Form<Traffic>(.object(expectObject)) { node, reader in
    guard let fields = reader.fields(node, expectObject), let requests = fields[requestsKey],
      let bad = fields[usualKey]
    else { return nil }
    return Traffic(requests: requests.value, bad: bad.value.fraction)
  }

  static let form = Form<CompareDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    let usual = Comparison()
    let expected = fields[expectKey]?.value
    let comparison = Comparison(
      tolerate: fields[tolerateKey]?.value ?? usual.tolerate, detect: fields[detectKey]?.value ?? usual.detect,
      confidence: fields[confidenceKey]?.value.fraction ?? usual.confidence,
      passConfidence: fields[passConfidenceKey]?.value.fraction ?? usual.passConfidence,
      share: fields[shareKey]?.value ?? usual.share, dispersion: fields[dispersionKey]?.value ?? usual.dispersion,
      limit: fields[limitKey]?.value.fraction, negligible: fields[negligibleKey]?.value.fraction ?? usual.negligible,
      missing: fields[missingKey]?.value ?? usual.missing, requests: expected?.requests, usualRate: expected?.bad)
    check(comparison, fields, reader.sink)
    return CompareDraft(
      comparison: comparison, detect: fields[detectKey], missing: fields[missingKey], expected: expected)
  }

  private static func check(_ comparison: Comparison, _ fields: Fields, _ sink: DiagnosticSink) {
    if comparison.tolerate < 1 {
      sink.error(
        "less than `1x` tolerated fails versions that are as good as the one beside them",
        at: fields.place(of: tolerateKey), help: "write `1x`, or more")
    }
    if comparison.detect < max(1.3, comparison.tolerate * 1.1) {
      sink.error(
        "`detect` is too near to what is tolerated: nothing could be told apart", at: fields.place(of: detectKey),
        help: "at least `1.3x`, and a tenth more than `tolerate`")
    }
    for (key, value) in [(confidenceKey, comparison.confidence), (passConfidenceKey, comparison.passConfidence)]
    where !(0.5..<1).contains(value) {
      sink.error("a confidence lies between 50% and 99.99%", at: fields.place(of: key), help: "for example `99%`")
    }
    if let limit = comparison.limit, !(0.0001..<1).contains(limit) {
      sink.error("a limit lies between 0.01% and 99.99%", at: fields.place(of: limitKey), help: "for example `5%`")
    }
    if comparison.negligible >= comparison.limit ?? 1 {
      sink.error(
        "what is negligible is no less than what fails", at: fields.place(of: negligibleKey),
        help: "for example `0.01%`")
    }
    if comparison.usualRate == 0, comparison.negligible == 0 {
      sink.error(
        "without a bad request nothing can be compared, and a good version would never pass",
        at: fields.place(of: expectKey), help: "let `negligible` be more than 0%, for example `0.01%`")
    }
    if comparison.share <= 0 {
      sink.error("without a share it could never fail", at: fields.place(of: shareKey), help: "write `1`")
    }
  }
}

extension Form where Value == Double {
  /// `1.25x`, or `1.25`.
  static let factor = Form(
    .either([.pattern("^[0-9]+([.][0-9]+)?x?$", example: "1.25x"), .number])
  ) { node, reader in
    guard let text = reader.text(node, wanting: "a factor", help: "for example `1.25x`") else { return nil }
    let digits = text.hasSuffix("x") || text.hasSuffix("×") ? text.dropLast() : text[...]
    if let number = plainNumber(digits), number <= 1000 { return number }
    reader.sink.error("\(quote(text)) is not a factor", at: node.place, help: "write for example `1.25x`")
    return nil
  }

  /// A number of requests.
  static let count = Form(.integer(0...1_000_000_000)) { node, reader in
    Form<Int>.integer(0...1_000_000_000).read(node, reader).map(Double.init)
  }
}

extension MissingCount {
  static let form = Form<MissingCount>.oneOf("meaning of a missing series")
}

extension Comparison.Dispersion {
  static let form = Form<Comparison.Dispersion>(
    .either([.oneOf(["none", "estimated"]), .number])
  ) { node, reader in
    guard let text = reader.text(node, wanting: "`none`, `estimated` or a number") else { return nil }
    switch text {
    case "none": return Comparison.Dispersion.none
    case "estimated": return .estimated
    default:
      if let index = plainNumber(text[...]), (1...1000).contains(index) { return .given(index) }
      reader.sink.error(
        "\(quote(text)) is no dispersion", at: node.place, help: "write `none`, `estimated`, or a number from 1 up")
      return nil
    }
  }
}
