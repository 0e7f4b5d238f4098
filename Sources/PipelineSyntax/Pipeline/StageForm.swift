import PipelineModel

/// A stage as read: gates, routes, deployers still by name.
struct StageDraft {
  /// `nil`: it could not be read.
  var name: Located<String>?
  /// `nil`: not even its kind could be told.
  var work: Work?
  var deadline: Located<Interval>?
  var onFailure: FailurePolicy?
  var onInconclusive: FailurePolicy?
  /// Key of the flag that a failed gate switches off first.
  var switchesOff: Located<String>?
  /// Whether all of it could be read.
  var isWhole: Bool

  enum Work {
    case check(CheckDraft)
    case step(StepCallDraft)
    case approve(ApprovalDraft)
    case canary(CanaryDraft)
    case blueGreen(BlueGreenDraft)
    case verify(WatchDraft)
    case wait(Interval?)
    case flag(FlagRampDraft)
  }
}

/// One kind of stage: the key it is recognised by, its other keys, and how its work is read from them.
struct StageForm: Sendable {
  let kind: String
  let object: ObjectForm
  /// What could be read of it; the rest is `nil` in its draft.
  let work: @Sendable (Fields, Reader) -> StageDraft.Work
  /// The stage's name, from its fields and the value of the key it is recognised by.
  let stageName: @Sendable (Fields, Located<String>?) -> Located<String>?

  init(
    _ kind: String, about: String, _ keys: [any KeyDescription],
    name stageName: @escaping @Sendable (Fields, Located<String>?) -> Located<String>? = { $1 },
    work: @escaping @Sendable (Fields, Reader) -> StageDraft.Work
  ) {
    self.kind = kind
    self.work = work
    self.stageName = stageName
    let name = Key(kind, Form.name.located, required: true, kind == "flag" ? about : "name of the stage; \(about)")
    object = ObjectForm(name: kind, about: about, keys: [name] + keys + [Self.deadline])
  }

  static let deadline = Key(
    "deadline", Form.positiveDuration, default: "twice what it needs at least, and 15m",
    "longest the stage may take, pauses included; then it has failed")
  static let onFailure = Key(
    "onFailure", Form<FailurePolicy>.oneOf("policy"), default: "rollback", "what a failure of the stage does")
  /// Of stages with gates.
  static let onGateFailure = Key(
    "onFailure", FailureDraft.form, default: "rollback",
    "what a failure of the stage does; `switch off flag KEY` tries that first, and rolls back if it does not help")
  static let onInconclusive = Key(
    "onInconclusive", Form<FailurePolicy>.oneOf("policy"), default: "hold",
    "what a gate without a decision does at the end of its hold")

  static let all: [StageForm] = [check, step, approve, canary, blueGreen, verify, wait, flag]

  static let form = Form<StageDraft>(.either(all.map { .object($0.object) })) { node, reader in
    let earlier = reader.sink.errors
    guard let (form, node) = told(node, reader), let fields = reader.fields(node, form.object) else {
      return StageDraft(isWhole: false)
    }
    let onFailure = fields[onGateFailure]?.value
    return StageDraft(
      name: form.stageName(fields, fields[Key(form.kind, Form.text.located, "")]?.value),
      work: form.work(fields, reader), deadline: fields[deadline],
      onFailure: onFailure?.policy ?? fields[Self.onFailure]?.value, onInconclusive: fields[onInconclusive]?.value,
      switchesOff: onFailure?.switchesOff, isWhole: reader.sink.errors == earlier)
  }

  /// The kind of a stage, and the stage with that kind written rightly.
  ///
  /// The kind is told by the first key; a stage whose first key is another is searched for one that tells.
  private static func told(_ stage: SyntaxNode, _ reader: Reader) -> (form: StageForm, stage: SyntaxNode)? {
    guard let entries = stage.mapEntries, !entries.isEmpty else {
      let noun = stage.mapEntries == nil ? stage.noun : "an empty mapping"
      reader.sink.error(
        "a stage is wanted here, not \(noun)", at: stage.place, help: "for example `- check: unit tests`")
      return nil
    }
    for (index, entry) in entries.enumerated() {
      guard let form = all.first(where: { $0.kind == entry.key.value }) else { continue }
      if index > 0 {
        reader.sink.error(
          "\(quote(form.kind)) must be the first key of the stage", at: entry.key.place,
          help: "it says what kind of stage this is")
      }
      return (form, entry.value.mapEntries == nil ? stage : nameless(form, stage, at: index, reader))
    }
    return meant(by: stage, entries, reader)
  }

  /// A stage with a mapping for a name: the keys in it belong beside it.
  private static func nameless(_ form: StageForm, _ stage: SyntaxNode, at index: Int, _ reader: Reader) -> SyntaxNode {
    var entries = stage.mapEntries ?? []
    let name = entries.remove(at: index)
    reader.sink.error(
      "the name of the stage is wanted here, not a mapping", at: name.value.place,
      help: "write `\(form.kind): NAME`, and the keys beside it")
    var rest = stage.with(entries)
    rest.isPartial = true
    return rest
  }

  private static func meant(
    by stage: SyntaxNode, _ entries: [SyntaxNode.Entry], _ reader: Reader
  ) -> (form: StageForm, stage: SyntaxNode)? {
    var entries = entries
    let kinds = all.map(\.kind)
    reader.sink.unknownKey("kind of stage", entries[0].key.value, among: kinds, at: entries[0].key.place)
    guard let meant = nearKey(of: entries[0].key.value, among: kinds), let form = all.first(where: { $0.kind == meant })
    else { return nil }
    entries[0].key.value = meant
    return (form, stage.with(entries))
  }
}
