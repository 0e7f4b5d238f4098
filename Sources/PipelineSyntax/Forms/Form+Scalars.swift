import PipelineModel

extension Form where Value == String {
  /// One line of any text.
  static let text = Form(.text) { node, reader in
    guard let text = reader.text(node, wanting: "text") else { return nil }
    guard text.unicodeScalars.count <= 500, !text.contains("\n") else {
      reader.sink.error("this text is too long for one line", at: node.place, help: "at most 500 letters")
      return nil
    }
    return text
  }

  /// The same, and something must stand there.
  static let name = text.filled { $0 }

  /// Text of any number of lines, such as a command.
  static let prose = Form(.text) { node, reader in
    guard let text = reader.text(node, wanting: "text") else { return nil }
    if text.unicodeScalars.count <= 20_000 { return text }
    reader.sink.error("this text is longer than 20000 letters", at: node.place, help: "move it into a file")
    return nil
  }

  /// The name of an environment variable.
  static let variable = Form(.pattern("^[A-Za-z_][A-Za-z0-9_]*$", example: "API_TOKEN")) { node, reader in
    guard let name = text.read(node, reader) else { return nil }
    if name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil { return name }
    reader.sink.error(
      "\(quote(name)) cannot be the name of a variable", at: node.place,
      help: "letters, digits and `_`, beginning with a letter or `_`; the value itself never stands in the file")
    return nil
  }

  /// A name that also serves as a word on a command line or in a query.
  static let identifier = Form(.identifier) { node, reader in
    guard let text = reader.text(node, wanting: "a name") else { return nil }
    return reader.isIdentifier(Located(text, at: node.place)) ? text : nil
  }
}

extension Form {
  /// Reports a text of nothing but blanks.
  func filled(_ text: @escaping @Sendable (Value) -> String) -> Form {
    Form(shape) { [read] node, reader in
      guard let value = read(node, reader) else { return nil }
      if text(value).contains(where: { !$0.isWhitespace }) { return value }
      reader.sink.error("nothing but blanks", at: node.place, help: "write something, or leave the key out")
      return nil
    }
  }
}

extension Reader {
  /// Reports a name that is not letters, digits, `.`, `_` and `-` behind a letter or digit.
  func isIdentifier(_ name: Located<String>) -> Bool {
    let allowed = name.value.unicodeScalars.allSatisfy {
      $0.isASCII && $0.properties.isAlphabetic || isDigit($0) || "._-".unicodeScalars.contains($0)
    }
    let begins = name.value.unicodeScalars.first.map { $0.properties.isAlphabetic || isDigit($0) || $0 == "_" } ?? false
    guard allowed, begins, name.value.utf8.count <= 100 else {
      sink.error(
        "\(quote(name.value)) cannot be a name", at: name.place,
        help: "use letters, digits, `-`, `_` and `.`, beginning with a letter or digit; at most 100")
      return false
    }
    return true
  }

  private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}

extension Form where Value == Bool {
  static let bool = Form(.bool) { node, reader in
    guard let text = reader.text(node, wanting: "`true` or `false`") else { return nil }
    switch text {
    case "true": return true
    case "false": return false
    default:
      let meant =
        ["yes": "true", "on": "true", "no": "false", "off": "false"][text.lowercased()]
        ?? nearMiss(of: text, among: ["true", "false"])
      reader.sink.error(
        "\(quote(text)) is neither `true` nor `false`", at: node.place, help: meant.map { "write `\($0)`" },
        nearMiss: meant)
      return nil
    }
  }
}

extension Form where Value == Interval {
  static let duration = Form(.duration) { node, reader in
    guard let text = reader.text(node, wanting: "a duration", help: "for example `15m`") else { return nil }
    do throws(UnitMistake) {
      return try Interval(written: text)
    } catch {
      reader.sink.error(error.message, at: node.place, help: error.help)
      return nil
    }
  }

  /// More than nothing.
  static let positiveDuration = Form(.duration) { node, reader in
    guard let interval = duration.read(node, reader) else { return nil }
    if interval > .zero { return interval }
    reader.sink.error("this must be more than 0s", at: node.place, help: "for example `1m`")
    return nil
  }
}

extension Form where Value == Weight {
  static let percentage = Form(.percentage) { node, reader in
    guard let text = reader.text(node, wanting: "a percentage", help: "for example `5%`") else { return nil }
    do throws(UnitMistake) {
      return try Weight(written: text)
    } catch {
      reader.sink.error(error.message, at: node.place, help: error.help)
      return nil
    }
  }
}

extension Form where Value == Int {
  static func integer(_ range: ClosedRange<Int>) -> Form {
    Form(.integer(range)) { node, reader in
      guard let text = reader.text(node, wanting: "a whole number") else { return nil }
      return reader.integer(text, in: range, at: node.place)
    }
  }

  /// `10`, or `10 measurements`.
  static let measurements = Form(
    .either([.integer(1...100_000), .pattern("^[0-9]+ measurements?$", example: "10 measurements")])
  ) { node, reader in
    guard var text = reader.text(node, wanting: "a number of measurements", help: "for example `10`") else {
      return nil
    }
    for ending in [" measurements", " measurement"] where text.hasSuffix(ending) { text.removeLast(ending.count) }
    return reader.integer(text, in: 1...100_000, at: node.place)
  }
}

extension Reader {
  fileprivate func integer(_ text: String, in range: ClosedRange<Int>, at place: Place) -> Int? {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
      sink.error(
        "\(quote(text)) is not a whole number", at: place, help: "write for example `\(max(1, range.lowerBound))`")
      return nil
    }
    // A number too large for `Int` is out of any range, too.
    guard let number = Int(text), range.contains(number) else {
      sink.error("\(quote(text)) is out of range", at: place, help: "from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return number
  }
}

extension Form where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
  /// One of an enum's names.
  static func oneOf(_ noun: String) -> Form {
    let names = Value.allCases.map(\.rawValue)
    return Form(.oneOf(names)) { node, reader in
      guard let text = reader.text(node, wanting: "a \(noun)") else { return nil }
      if let value = Value(rawValue: text) { return value }
      reader.sink.unknown(noun, text, among: names, at: node.place)
      return nil
    }
  }
}
