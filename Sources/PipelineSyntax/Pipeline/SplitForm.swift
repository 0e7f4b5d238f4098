import PipelineModel

extension Metric.Split {
  private static let tolerate = Key(
    "tolerate", Form<Double>.factor, required: true,
    "how many times what was set the odds of the new version may be, and that part of it")
  private static let object = ObjectForm(
    name: "split", about: "How far off the split of the traffic may be before it holds the run.", keys: [tolerate])

  /// `off`, or `{ tolerate: 1.5x }`.
  static let form = Form<Metric.Split>(.either([.oneOf(["off"]), .object(object)])) { node, reader in
    guard case .scalar = node.content else { return tolerating(node, reader) }
    guard let text = reader.text(node, wanting: "`off`, or how much is tolerated") else { return nil }
    if text == "off" { return .off }
    reader.sink.error(
      "\(quote(text)) does not say how the split is checked", at: node.place,
      help: "write `off`, or `{ tolerate: 1.5x }`")
    return nil
  }

  private static func tolerating(_ node: SyntaxNode, _ reader: Reader) -> Metric.Split? {
    guard let fields = reader.fields(node, object), let factor = fields[tolerate] else { return nil }
    if factor.value >= 1.05 { return .tolerating(factor.value) }
    reader.sink.error(
      "hardly any split is as near as that to what was set", at: factor.place, help: "write `1.25x`, or more")
    return nil
  }
}
