import PipelineModel

extension Reader {
  /// Reports what does not hold among the keys of a mapping.
  func check(_ rules: [SettingsRule], _ fields: Fields) {
    // What is missing is told once, with the first that needs it.
    var told: Set<String> = []
    for rule in rules {
      switch rule {
      case .oneOf(let names): check(fields, hasOneOf: names, atLeast: 1)
      case .atMostOneOf(let names): check(fields, hasOneOf: names, atLeast: 0)
      case .needs(let key, let other):
        if !told.contains(other), check(fields, key, needs: other) { told.insert(other) }
      case .differ(let first, let second): check(fields, first, differsFrom: second)
      }
    }
  }

  private func check(_ fields: Fields, hasOneOf names: [String], atLeast least: Int) {
    let given = names.compactMap(fields.keyPlace)
    let list = names.map(quote).joined(separator: " and ")
    if given.count > 1 {
      sink.error("only one of \(list) may be given", at: given[1], help: "leave one of them out")
    } else if given.count < least {
      sink.error("one of \(list) is missing", at: fields.place, help: "give one of them")
    }
  }

  /// - Returns: whether it is missing.
  private func check(_ fields: Fields, _ key: String, needs other: String) -> Bool {
    guard let place = fields.keyPlace(key), !fields.has(other) else { return false }
    sink.error(
      "\(quote(key)) needs \(quote(other)) beside it", at: place,
      help: "give \(quote(other)), or leave \(quote(key)) out")
    return true
  }

  private func check(_ fields: Fields, _ first: String, differsFrom second: String) {
    guard let text = fields.text(first), text == fields.text(second), let place = fields.keyPlace(second) else {
      return
    }
    sink.error("\(quote(first)) and \(quote(second)) are both \(quote(text))", at: place, help: "the two must differ")
  }
}
