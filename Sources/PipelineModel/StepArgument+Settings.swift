extension SettingsSchema {
  /// The settings that arguments come to, once the places of their texts are filled.
  ///
  /// - Throws: `UnitMistake` for the first that is unknown, missing, or not what the schema wants.
  package func settings(
    of arguments: [StepArgument], filling: (Template) throws(UnitMistake) -> String
  ) throws(UnitMistake) -> Settings {
    var settings = Settings()
    for argument in arguments {
      guard let setting = self.setting(argument.name) else {
        throw UnitMistake(message: "unknown setting \(quote(argument.name))", help: "there is \(names)")
      }
      settings.values[argument.name] = try setting.type.value(of: argument.value, named: argument.name, filling)
    }
    for setting in self.settings where setting.required && settings[setting.name] == nil {
      throw UnitMistake(message: "\(quote(setting.name)) is missing", help: setting.about)
    }
    return settings
  }

  private func setting(_ name: String) -> Setting? { settings.first { $0.name == name } }

  private var names: String { settings.isEmpty ? "none" : settings.map { quote($0.name) }.joined(separator: ", ") }
}

extension SettingsSchema.Kind {
  /// The value that a written text stands for.
  ///
  /// - Throws: `UnitMistake` when it is none of this kind; so for kinds that are not written as one text.
  package func value(written text: String) throws(UnitMistake) -> Settings.Value {
    switch self {
    case .text, .template: return .text(text)
    case .duration: return .duration(try Interval(written: text))
    case .number:
      let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
      guard let number = plainNumber(digits), number <= Units.largestExact else {
        throw UnitMistake(message: "\(quote(text)) is not a number", help: "for example `5` or `0.5`, up to 2⁵³")
      }
      return .number(text.hasPrefix("-") ? -number : number)
    case .bool:
      guard text == "true" || text == "false" else {
        throw UnitMistake(message: "\(quote(text)) is neither `true` nor `false`", help: "write `true` or `false`")
      }
      return .bool(text == "true")
    case .oneOf(let names):
      guard names.contains(text) else {
        throw UnitMistake(
          message: "\(quote(text)) is no choice", help: "one of \(names.map(quote).joined(separator: ", "))")
      }
      return .text(text)
    case .list, .mapOf, .map, .secret: throw UnitMistake(message: "\(noun) is wanted, not a text", help: "")
    }
  }

  /// "a list", "a mapping" …, for messages.
  package var noun: String {
    switch self {
    case .text, .template, .oneOf: "text"
    case .number: "a number"
    case .bool: "`true` or `false`"
    case .duration: "a duration"
    case .list: "a list"
    case .mapOf, .map: "a mapping"
    case .secret: "a secret"
    }
  }

  fileprivate func value(
    of argument: StepArgument.Value, named name: String, _ filling: (Template) throws(UnitMistake) -> String
  ) throws(UnitMistake) -> Settings.Value {
    do throws(UnitMistake) {
      return try value(of: argument, filling)
    } catch {
      throw UnitMistake(message: "\(quote(name)): \(error.message)", help: error.help)
    }
  }

  private func value(
    of argument: StepArgument.Value, _ filling: (Template) throws(UnitMistake) -> String
  ) throws(UnitMistake) -> Settings.Value {
    switch (self, argument) {
    case (.list(let element), .list(let items)):
      var values: [Settings.Value] = []
      for item in items { values.append(try element.value(of: item, filling)) }
      return .list(values)
    // A single value may stand without brackets.
    case (.list(let element), .text): return .list([try element.value(of: argument, filling)])
    case (.mapOf(let element), .map(let members)):
      var settings = Settings()
      for member in members {
        settings.values[member.name] = try element.value(of: member.value, named: member.name, filling)
      }
      return .map(settings)
    case (.map(let schema), .map(let members)): return .map(try schema.settings(of: members, filling: filling))
    case (_, .text(let template)): return try value(written: try filling(template))
    case (_, .list): throw UnitMistake(message: "\(noun) is wanted, not a list", help: "")
    case (_, .map): throw UnitMistake(message: "\(noun) is wanted, not a mapping", help: "")
    }
  }
}
