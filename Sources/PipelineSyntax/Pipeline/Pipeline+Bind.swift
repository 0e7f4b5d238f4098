package import PipelineModel

extension Pipeline {
  /// Values for every `${…}` name of the pipeline's own, or what is wrong with those given.
  package struct Binding: Hashable, Sendable {
    /// One for each parameter, defaults filled in, empty where neither is there; `nil` exactly when `problems` is not
    /// empty.
    package var values: [String: String]?
    package var problems: [Problem]
  }

  /// What is wrong with the values given for a run.
  package struct Problem: Hashable, Sendable, CustomStringConvertible {
    package var parameter: String
    package var message: String
    package var help: String?

    package var description: String { help.map { "\(message); \($0)" } ?? message }
  }

  /// Those of the file, and `version`, which every pipeline that moves traffic needs; one that only ramps flags names what
  /// it brings itself.
  package var parametersToBind: [Parameter] {
    let name = Template.BuiltIn.version.rawValue
    if parameters.contains(where: { $0.name == name }) { return parameters }
    return [Parameter(name: name, required: routes.contains { !$0.isFlag })] + parameters
  }

  /// Checks the values given for a run, as by `--set version=4711`, against the parameters.
  ///
  /// A text without a pattern that becomes part of a command or a query takes only letters, digits and `._:/@+-`.
  package func bind(_ given: [String: String]) -> Binding {
    let parameters = parametersToBind
    let names = parameters.map(\.name)
    var meant: Set<String> = []
    var problems = given.keys.sorted().filter { !names.contains($0) }.map { name in
      let near = nearMiss(of: name, among: names)
      meant.formUnion(near.map { [$0] } ?? [])
      return Problem(
        parameter: name,
        message: "unknown parameter \(quote(name))" + (near.map { ", did you mean \(quote($0))?" } ?? ""),
        help: near == nil ? "there are \(names.map(quote).joined(separator: ", "))" : nil)
    }
    let substitutions = self.substitutions
    var values: [String: String] = [:]
    for parameter in parameters {
      let value = given[parameter.name] ?? parameter.default
      if let value, let mistake = parameter.mistake(in: value, putInto: substitutions[parameter.name]) {
        problems.append(
          Problem(
            parameter: parameter.name, message: "\(quote(parameter.name)): \(mistake.message)", help: mistake.help))
      } else if parameter.required, value?.isEmpty ?? true, !meant.contains(parameter.name) {
        let about = parameter.about.map { " (\($0))" } ?? ""
        problems.append(
          Problem(
            parameter: parameter.name, message: "\(quote(parameter.name))\(about) is missing",
            help: "give it with `--set \(parameter.name)=…`"))
      }
      values[parameter.name] = value ?? ""
    }
    return Binding(values: problems.isEmpty ? values : nil, problems: problems)
  }
}
