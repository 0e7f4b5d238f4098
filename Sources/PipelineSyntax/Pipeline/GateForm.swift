import PipelineModel

/// A gate as read: metrics still by name.
struct GateDraft {
  var place: Place
  var metrics: [Located<String>]
  var every: Located<Interval>?
  var delay: Located<Interval>?
  var atLeast: Located<Int>?
  var allow: Allowance
  var failures: Located<Int>?
  var patience: Interval = .zero
  var score: Located<ScoreDraft>?
  /// Whether it can be told when it looks.
  var looksAreRead: Bool
}

/// A gate where it is used: written out, or by its name under `gates:`.
enum GateUse {
  case inline(GateDraft)
  case named(Located<String>)

  static let form = Form<GateUse>(.either([.text, .object(GateDraft.object)])) { node, reader in
    if case .scalar = node.content {
      return reader.text(node, wanting: "a gate").map { .named(Located($0, at: node.place)) }
    }
    return GateDraft.form.read(node, reader).map(GateUse.inline)
  }
}

extension GateDraft {
  static let defaultEvery = Interval.minutes(1)

  static let metricsKey = Key("metrics", Form.text.located.list, required: true, "names of the metrics judged together")
  static let everyKey = Key("every", Form.positiveDuration, default: "1m", "time between two looks")
  static let delayKey = Key("delay", Form.duration, default: "the same as `every`", "time before the first look")
  static let atLeastKey = Key(
    "atLeast", Form.measurements, default: "1",
    "measurements with evidence that each deciding metric needs before the gate can pass")
  static let allowKey = Key(
    "allow", AllowanceForm.form, "what a metric may show before it decides; the next one beyond a limit does")

  static let patienceKey = Key(
    "waitAtMost", Form.duration, default: "0s", "how much longer than the hold it may take while it is inconclusive")

  static let scoreKey = Key(
    "score", ScoreDraft.form, "its metrics that compare by `rankSum` decide together, by groups and weights")

  static let object = ObjectForm(
    name: "gate", about: "A set of metrics judged together.",
    keys: [metricsKey, everyKey, delayKey, atLeastKey, allowKey, patienceKey, scoreKey])

  static let form = Form<GateDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    let allow = fields[allowKey]?.value
    return GateDraft(
      place: node.place, metrics: fields[metricsKey]?.value ?? [], every: fields[everyKey], delay: fields[delayKey],
      atLeast: fields[atLeastKey], allow: allow?.allowance ?? Allowance(), failures: allow?.failures,
      patience: fields[patienceKey]?.value ?? .zero, score: fields[scoreKey],
      looksAreRead: fields.unreadable.isDisjoint(with: [everyKey.name, delayKey.name]))
  }

  var interval: Interval { every?.value ?? Self.defaultEvery }
}

/// The keys of `allow:`.
struct AllowanceForm {
  var allowance: Allowance
  var failures: Located<Int>?

  private static let counts = Form<Int>.integer(0...100_000)
  static let failures = Key("failures", counts, default: "0", "failed measurements that are forgiven in all")
  static let failuresInARow = Key("failuresInARow", counts, "failed measurements that are forgiven in a row")
  static let inconclusive = Key(
    "inconclusive", counts, default: "0", "measurements between pass and fail that are forgiven in all")
  static let inconclusiveInARow = Key(
    "inconclusiveInARow", counts, "measurements between pass and fail that are forgiven in a row")
  static let noDataInARow = Key(
    "noDataInARow", counts, default: "4", "looks without data in a row before `onNoData` applies")
  static let errorsInARow = Key(
    "errorsInARow", counts, default: "4", "unanswered looks in a row before `onError` applies")

  static let object = ObjectForm(
    name: "allow", about: "What a metric may show before it decides.",
    keys: [failures, failuresInARow, inconclusive, inconclusiveInARow, noDataInARow, errorsInARow])

  static let form = Form<AllowanceForm>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    let defaults = Allowance()
    let allowance = Allowance(
      failures: fields[failures]?.value ?? defaults.failures, failuresInARow: fields[failuresInARow]?.value,
      inconclusive: fields[inconclusive]?.value ?? defaults.inconclusive,
      inconclusiveInARow: fields[inconclusiveInARow]?.value,
      noDataInARow: fields[noDataInARow]?.value ?? defaults.noDataInARow,
      errorsInARow: fields[errorsInARow]?.value ?? defaults.errorsInARow)
    return AllowanceForm(allowance: allowance, failures: fields[failures])
  }
}
