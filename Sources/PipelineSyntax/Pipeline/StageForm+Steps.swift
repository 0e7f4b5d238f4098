import PipelineModel

/// A stage of one's own as read: its runner still by name, its arguments still without a schema.
struct StepCallDraft {
  /// `nil`: it could not be read.
  var step: Located<StepName>?
  /// A value of `nil` could not be read.
  var with: Located<[ArgumentDraft]?>?
  var timeout: Interval
  var retries: Int
}

/// A value under `with:` as read.
struct ArgumentDraft {
  var name: Located<String>
  var value: Located<Value>

  indirect enum Value {
    /// It could not be read.
    case unread
    case text(TemplateDraft)
    case list([Located<Value>])
    case map([ArgumentDraft])
  }
}

extension StageForm {
  static let step: StageForm = {
    let runner = Key("runner", StepName.form, required: true, "who does it, as `runner/step` of headgate.yaml")
    let with = Key("with", ArgumentDraft.mapping.located, "what the step is to work with")
    let timeout = Key("timeout", Form.positiveDuration, default: "30m", "longest one try may take")
    let retries = Key("retries", Form.integer(0...100), default: "0", "tries after the first")
    return StageForm(
      "step", about: "work that a plugin does", [runner, with, timeout, retries, onFailure, onInconclusive]
    ) { fields, _ in
      .step(
        StepCallDraft(
          step: fields[runner], with: fields.written(with).map { Located($0.value?.value, at: $0.place) },
          timeout: fields[timeout]?.value ?? .minutes(30),
          retries: fields[retries]?.value ?? 0))
    }
  }()
}

extension StepName {
  static let form = Form<StepName>(.pattern("^[^/ ]+/[^/ ]+$", example: "qa/smoke")) { node, reader in
    guard let text = reader.text(node, wanting: "a step", help: "for example `qa/smoke`") else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && !$0.contains(" ") }) else {
      reader.sink.error(
        "\(quote(text)) is not a step", at: node.place, help: "write `runner/step`, for example `qa/smoke`")
      return nil
    }
    return StepName(runner: String(parts[0]), step: String(parts[1]))
  }
}

extension ArgumentDraft {
  /// Deepest nesting of lists and mappings.
  private static let depth = 8

  /// Any names, each with a text, a list or a mapping: which, the step's schema says.
  static let mapping = Form<[ArgumentDraft]>(.map(.any)) { node, reader in
    guard let entries = node.mapEntries else {
      reader.sink.error(
        "a mapping is wanted here, not \(node.noun)", at: node.place, help: "for example `with: { suite: smoke }`")
      return nil
    }
    return arguments(entries, reader, depth)
  }

  private static func arguments(
    _ entries: [SyntaxNode.Entry], _ reader: Reader, _ depth: Int
  ) -> [ArgumentDraft] {
    entries.map { entry in
      ArgumentDraft(name: entry.key, value: Located(value(entry.value, reader, depth), at: entry.value.place))
    }
  }

  private static func value(_ node: SyntaxNode, _ reader: Reader, _ depth: Int) -> Value {
    guard depth > 0 else {
      reader.sink.error("this is nested too deeply", at: node.place)
      return .unread
    }
    switch node.content {
    case .scalar: return Form<TemplateDraft>.template.read(node, reader).map(Value.text) ?? .unread
    case .list(let nodes):
      return .list(nodes.map { node in Located(value(node, reader, depth - 1), at: node.place) })
    case .map(let entries): return .map(arguments(entries, reader, depth - 1))
    }
  }
}
