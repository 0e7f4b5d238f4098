import PipelineModel

/// Steps that are shares and nothing else: those of a flag.
extension StepDraft {
  private static let weightKey = Key("weight", Form.percentage, required: true, "share of those who get it")
  private static let holdKey = Key("hold", Form.duration, default: "the stage's `hold`", "how long the step is held")
  private static let gateKey = Key(
    "gate", GateUse.form, default: "the stage's `gate`", "what must pass before the next step")
  private static let object = ObjectForm(
    name: "flag-step", about: "One step of a flag's ramp.", keys: [weightKey, holdKey, gateKey],
    refused: ["header": "flags are asked for, not routed; use a canary", "mirror": "flags copy nothing; use a canary"])

  /// `5%`, or `{ weight: 5%, hold: 15m, gate: … }`.
  private static let form = Form<StepDraft>(.either([.percentage, .object(object)])) { node, reader in
    if case .scalar = node.content { return StepDraft(scalar: node, reader) }
    guard let fields = reader.fields(node, object) else { return StepDraft(place: node.place) }
    return StepDraft(
      place: node.place, weight: fields[weightKey], hold: fields.written(holdKey), gate: fields[gateKey]?.value)
  }

  static let listForm = form.list

  /// A share alone: `5%`.
  init(scalar node: SyntaxNode, _ reader: Reader) {
    self.init(place: node.place)
    if case .scalar(let scalar) = node.content, scalar.text.contains(",") {
      reader.sink.error(
        "\(quote(scalar.text)) is more than one step", at: node.place, help: "write `[\(oneLine(scalar.text))]`")
      return
    }
    weight = Form.percentage.read(node, reader).map { Located($0, at: node.place) }
  }
}
