import PipelineModel

/// The keys of `expect:`.
enum ExpectationForm {
  static let outcome = Key("outcome", Form<Expectation.Result>.oneOf("outcome"), "how the run ends")
  static let before = Key("before", Form.positiveDuration, "it has ended before this time since its start")
  static let after = Key("after", Form.duration, "it ends after this time since its start")
  static let exposed = Key("exposed", atMost, "the most traffic the new version ever had, for example `at most 25%`")
  static let stage = Key("stage", Form.name(of: .stage), "name of the last stage that was entered")

  static let object = ObjectForm(
    name: "expect", about: "What a simulation must have come to; what is left out is not asked.",
    keys: [outcome, before, after, exposed, stage])

  static let form = Form<Expectation>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    let expectation = Expectation(
      outcome: fields[outcome]?.value, before: fields[before]?.value, after: fields[after]?.value,
      exposedAtMost: fields[exposed]?.value, stage: fields[stage]?.value)
    if let before = fields[before], let after = expectation.after, before.value <= after {
      reader.sink.error(
        "nothing ends after \(after) and before \(before.value)", at: before.place, help: "raise `before`")
    }
    if expectation.isEmpty, !fields.hasAny(besides: []) {
      reader.sink.error("nothing is expected", at: node.place, help: "for example `outcome: rolled back`")
    }
    return expectation
  }

  private static let atMost = Form<Weight>(.pattern("^at most [0-9.]+%$", example: "at most 25%")) { node, reader in
    guard let text = reader.text(node, wanting: "a limit", help: "for example `at most 25%`") else { return nil }
    guard text.hasPrefix("at most ") else {
      reader.sink.error("\(quote(text)) is not a limit", at: node.place, help: "write for example `at most 25%`")
      return nil
    }
    do throws(UnitMistake) {
      return try Weight(written: String(text.dropFirst("at most ".count)))
    } catch {
      reader.sink.error(error.message, at: node.place, help: "write for example `at most 25%`")
      return nil
    }
  }
}
