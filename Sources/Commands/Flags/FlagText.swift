import Flags
import Foundation
import PipelineModel
import PipelineSyntax

/// A flag's definition as somebody wrote it, with the places of what is wrong in it.
struct FlagText {
  /// As people are told of it.
  let path: String
  let bytes: [UInt8]

  /// - Parameter path: `-` for standard input.
  init(file path: String) throws {
    self.path = path == "-" ? "standard input" : path
    if path == "-" {
      bytes = [UInt8](FileHandle.standardInput.readDataToEndOfFile())
      return
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      var diagnostic = Diagnostic(.error, path: path, place: .start, message: "the file cannot be read")
      diagnostic.hasPlace = false
      throw FileRefusal(diagnostics: [diagnostic])
    }
    bytes = [UInt8](data)
  }

  init(_ text: String, from path: String) {
    self.path = path
    bytes = Array(text.utf8)
  }

  /// The definition of one flag: the text is that, or a flagd document that has the flag. Shared rules that it names are
  /// written out, so that it stands for itself.
  ///
  /// - Throws: `FileRefusal` with everything that is wrong with it.
  func definition(of key: String, _ generation: Generation) throws -> FlagDefinition {
    let value = try value()
    let isDocument = value.object?["flags"] != nil
    if !isDocument { _ = try self.value(.definition) }
    if isDocument {
      let set = try read(FlagSet.read(bytes, generation: generation), onlyOf: key)
      guard set?[key] != nil else { throw refusal("this document has no flag `\(key)`") }
    } else {
      // One line more, so that only the lines have to be counted back.
      let wrapped = Array("{\"flags\":{\(JSONValue.text(key).written):\n".utf8) + bytes + Array("\n}}".utf8)
      _ = try read(FlagSet.read(wrapped, generation: generation), onlyOf: key, linesBefore: 1)
    }
    let bare = isDocument ? value.object?["flags"]?.object?[key] : value
    guard let members = bare?.object else { throw refusal("a flag is an object") }
    let definition = FlagDefinition(members).withSharedRules(of: value.object)
    try mustFit(key, definition)
    return definition
  }

  /// Every flag of a flagd document.
  func definitions(_ generation: Generation) throws -> [(key: String, definition: FlagDefinition)] {
    let value = try value()
    let set = try read(FlagSet.read(bytes, generation: generation))
    guard let set else { throw refusal("this is no flagd document") }
    return set.flags.compactMap { flag in
      flag.definition.object.map { (flag.key, FlagDefinition($0).withSharedRules(of: value.object)) }
    }
  }

  /// One flag of many is measured by itself.
  func mustFit(_ key: String, _ definition: FlagDefinition) throws {
    do throws(JSONRefusal) {
      try definition.mustFit()
    } catch {
      let place = JSONParser.place(ofFlag: key, in: bytes).map { Place(line: $0.line, column: $0.column) }
      throw refusal("flag `\(key)` is larger than a flag may be: \(error.message)", at: place ?? .start)
    }
  }

  func value(_ limits: JSONLimits = .definitions) throws -> JSONValue {
    do throws(JSONRefusal) {
      return try JSONParser.value(in: bytes, limits: limits)
    } catch {
      throw refusal(error.message, at: Place(line: error.place.line, column: error.place.column))
    }
  }

  func refusal(_ message: String, at place: Place = .start) -> FileRefusal {
    FileRefusal(diagnostics: [Diagnostic(.error, path: path, place: place, message: message)])
  }

  /// - Returns: the set, when nothing is wrong with it. Warnings are shown.
  private func read(_ reading: FlagReading, onlyOf key: String? = nil, linesBefore: Int = 0) throws -> FlagSet? {
    let problems = reading.problems.filter { key == nil || $0.flag == nil || $0.flag == key }
    let diagnostics = problems.map { problem in
      Diagnostic(
        problem.severity == .error ? .error : .warning, path: path,
        place: Place(line: max(1, problem.place.line - linesBefore), column: problem.place.column),
        message: problem.flag.map { "flag `\($0)`: \(problem.message)" } ?? problem.message, help: problem.help)
    }
    if diagnostics.contains(where: { $0.severity == .error }) { throw FileRefusal(diagnostics: diagnostics) }
    for diagnostic in diagnostics { Console.error(diagnostic.shown(with: Console.styledForErrors)) }
    return reading.set
  }
}

extension FlagDefinition {
  /// `{"$ref": "name"}` replaced by what `$evaluators` has under the name.
  fileprivate func withSharedRules(of document: JSONObject?) -> FlagDefinition {
    guard let shared = document?["$evaluators"]?.object, let rule = targeting else { return self }
    var whole = self
    whole.targeting = rule.replacingReferences(by: shared)
    return whole
  }
}

extension JSONValue {
  fileprivate func replacingReferences(by shared: JSONObject) -> JSONValue {
    switch self {
    case .null, .bool, .number, .text: return self
    case .list(let items): return .list(items.map { $0.replacingReferences(by: shared) })
    case .object(let object):
      if object.members.count == 1, let name = object["$ref"]?.text, let rule = shared[name] { return rule }
      return .object(
        JSONObject(object.members.map { ($0.name.text, $0.value.replacingReferences(by: shared)) }))
    }
  }

  /// With two spaces for each level, members in order.
  func indented(_ indent: String = "") -> String {
    let inner = indent + "  "
    switch self {
    case .null, .bool, .number, .text: return written
    case .list(let items):
      if items.allSatisfy(\.isPlain) { return written.replacingOccurrences(of: "\",\"", with: "\", \"") }
      return "[\n" + items.map { inner + $0.indented(inner) }.joined(separator: ",\n") + "\n\(indent)]"
    case .object(let object):
      if object.isEmpty { return "{}" }
      let members = object.members.map {
        "\(inner)\(JSONValue.text($0.name.text).written): \($0.value.indented(inner))"
      }
      return "{\n" + members.joined(separator: ",\n") + "\n\(indent)}"
    }
  }

  private var isPlain: Bool {
    switch self {
    case .null, .bool, .number, .text: true
    case .list, .object: false
    }
  }
}
