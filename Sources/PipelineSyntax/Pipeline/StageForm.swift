import PipelineModel

/// A stage as read: gates, routes, deployers still by name.
struct StageDraft {
  var name: Located<String>
  var work: Work
  var deadline: Located<Interval>?
  var onFailure: FailurePolicy?
  var onInconclusive: FailurePolicy?

  enum Work {
    case check(CheckDraft)
    case approve(ApprovalDraft)
    case canary(CanaryDraft)
    case blueGreen(BlueGreenDraft)
    case verify(WatchDraft)
    case wait(Interval)
  }
}

/// One kind of stage: the key it is recognised by, its other keys, and how its work is read from them.
struct StageForm: Sendable {
  let kind: String
  let object: ObjectForm
  let work: @Sendable (Fields, Reader) -> StageDraft.Work?

  init(
    _ kind: String, about: String, _ keys: [any KeyDescription],
    work: @escaping @Sendable (Fields, Reader) -> StageDraft.Work?
  ) {
    self.kind = kind
    self.work = work
    let name = Key(kind, Form.text.located, required: true, "name of the stage; \(about)")
    object = ObjectForm(name: kind, about: about, keys: [name] + keys + [Self.deadline])
  }

  static let deadline = Key(
    "deadline", Form.positiveDuration, default: "twice what it needs at least, and 15m",
    "longest the stage may take, pauses included; then it has failed")
  static let onFailure = Key(
    "onFailure", Form<FailurePolicy>.oneOf("policy"), default: "rollback", "what a failure of the stage does")
  static let onInconclusive = Key(
    "onInconclusive", Form<FailurePolicy>.oneOf("policy"), default: "hold",
    "what a gate without a decision does at the end of its hold")

  static let all: [StageForm] = [check, approve, canary, blueGreen, verify, wait]

  static let form = Form<StageDraft>(.either(all.map { .object($0.object) })) { node, reader in
    guard case .map(let entries) = node.content else {
      reader.sink.error(
        "a stage is wanted here, not \(node.noun)", at: node.place, help: "for example `- check: unit tests`")
      return nil
    }
    guard let kind = kind(of: entries, at: node.place, reader) else { return nil }
    guard let fields = reader.fields(node, kind.object) else { return nil }
    let nameKey = Key(kind.kind, Form.text.located, "")
    guard let name = fields[nameKey]?.value, let work = kind.work(fields, reader) else { return nil }
    return StageDraft(
      name: name, work: work, deadline: fields[deadline], onFailure: fields[onFailure]?.value,
      onInconclusive: fields[onInconclusive]?.value)
  }

  /// The kind is told by the first key; a stage whose first key is another is searched for one that tells.
  private static func kind(of entries: [SyntaxNode.Entry], at place: Place, _ reader: Reader) -> StageForm? {
    let kinds = all.map(\.kind)
    for entry in entries {
      guard let form = all.first(where: { $0.kind == entry.key.value }) else { continue }
      if entry.key.place != entries[0].key.place {
        reader.sink.error(
          "\(quote(form.kind)) must be the first key of the stage", at: entry.key.place,
          help: "it says what kind of stage this is")
      }
      return form
    }
    guard let first = entries.first else { return nil }
    reader.sink.unknownKey("kind of stage", first.key.value, among: kinds, at: first.key.place)
    return nil
  }
}
