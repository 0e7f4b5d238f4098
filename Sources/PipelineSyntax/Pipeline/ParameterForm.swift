import PipelineModel

extension Parameter {
  static let typeKey = Key("type", Form<Parameter.Kind>.oneOf("type"), default: "text", "what values it takes")
  static let requiredKey = Key("required", Form.bool, default: "false", "true: a run cannot start without it")
  static let patternKey = Key(
    "pattern", Form.text.located,
    "a regular expression the whole value must match; a text without one that is put into a command or a query takes "
      + "only letters, digits and `._:/@+-`")
  static let defaultKey = Key("default", Form.text.located, "its value when none is given")
  static let aboutKey = Key("about", Form.text, "one sentence for people")

  static let object = ObjectForm(
    name: "parameter", about: "A value that is given when a run starts, with `--set name=value`.",
    keys: [typeKey, requiredKey, patternKey, defaultKey, aboutKey])

  /// The name is filled in by whoever knows it.
  static let form = Form<Parameter>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    var parameter = Parameter(
      name: "", kind: fields[typeKey]?.value ?? .text, required: fields[requiredKey]?.value ?? false,
      pattern: fields[patternKey]?.value.value, default: fields[defaultKey]?.value.value, about: fields[aboutKey]?.value
    )
    if let pattern = fields[patternKey]?.value, !isPattern(pattern, reader.sink) { parameter.pattern = nil }
    if let given = fields[defaultKey]?.value, let mistake = parameter.mistake(in: given.value) {
      reader.sink.error("the default \(mistake.message)", at: given.place, help: mistake.help)
    }
    if parameter.required, let given = fields[defaultKey]?.value {
      reader.sink.warning(
        "a required parameter needs no default", at: given.place, help: "remove `default` or `required: true`")
    }
    return parameter
  }

  private static func isPattern(_ pattern: Located<String>, _ sink: DiagnosticSink) -> Bool {
    do throws(Pattern.Mistake) {
      _ = try Pattern(pattern.value)
      return true
    } catch {
      sink.error(
        "\(quote(pattern.value)) is not a regular expression: \(error.message)", at: pattern.place,
        help: "letters, classes, groups, `|` and counts are understood; `\\` is written twice in double quotes")
      return false
    }
  }
}

extension Parameter {
  /// What is wrong with a value for this parameter, as the rest of a sentence; `nil`: nothing.
  func mistake(in value: String) -> UnitMistake? {
    if let mistake = mistakeOfKind(value) { return mistake }
    guard let text = self.pattern, let pattern = try? Pattern(text) else { return nil }
    let matches = value.utf8.count <= 1000 && pattern.matchesAll(of: value)
    return matches
      ? nil
      : UnitMistake(
        message: "\(quote(value)) does not match the pattern \(quote(text))", help: "give a value that does")
  }

  private func mistakeOfKind(_ value: String) -> UnitMistake? {
    switch kind {
    case .text: return nil
    case .bool:
      return value == "true" || value == "false"
        ? nil : UnitMistake(message: "\(quote(value)) is not a bool", help: "`true` or `false`")
    case .number:
      let digits = value.hasPrefix("-") ? value.dropFirst() : value[...]
      guard let number = plainNumber(digits) else {
        return UnitMistake(message: "\(quote(value)) is not a number", help: "for example `25` or `0.5`")
      }
      return number <= Units.largestExact
        ? nil : UnitMistake(message: "\(quote(value)) cannot be held exactly", help: "numbers go up to 2⁵³")
    case .duration: return mistake { () throws(UnitMistake) in _ = try Interval(written: value) }
    case .percentage: return mistake { () throws(UnitMistake) in _ = try Weight(written: value) }
    }
  }

  private func mistake(_ read: () throws(UnitMistake) -> Void) -> UnitMistake? {
    do throws(UnitMistake) {
      try read()
      return nil
    } catch {
      return error
    }
  }
}
