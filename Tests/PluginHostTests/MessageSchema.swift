import Foundation
import PluginKit

/// Enough of JSON schema (draft 2020-12) to hold messages against `plugin-protocol.schema.json`.
struct MessageSchema {
  private let root: JSON

  init(contentsOf path: String) throws {
    root = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: URL(filePath: path)))
  }

  static func json(_ line: [UInt8]) throws -> JSON { try JSONDecoder().decode(JSON.self, from: Data(line)) }

  /// What is wrong with a message; empty: nothing.
  func problems(of value: JSON, as name: String? = nil) -> [String] {
    problems(value, name.flatMap { found("#/$defs/\($0)") } ?? root, "")
  }

  /// What is wrong with the result of a method.
  func problems(ofResult value: JSON, of method: String) -> [String] {
    guard let schema = root["$defs"]?["results"]?["$defs"]?[method] else { return ["no result of \(method)"] }
    return problems(value, schema, "result")
  }

  /// Methods for which the schema has requests.
  var methods: Set<String> {
    guard case .list(let all)? = root["$defs"]?["request"]?["oneOf"] else { return [] }
    return Set(all.compactMap { $0["$ref"]?.text.map { String($0.dropFirst("#/$defs/".count)) } })
  }

  private func found(_ reference: String) -> JSON? {
    reference.split(separator: "/").dropFirst().reduce(root) { $0?[String($1)] }
  }

  private func problems(_ value: JSON, _ schema: JSON, _ path: String) -> [String] {
    guard case .object(let rules) = schema else { return schema == .bool(false) ? ["\(path) must not be"] : [] }
    return rules.sorted { $0.key < $1.key }.flatMap { rule, wanted in
      check(rule, wanted, value, schema, path)
    }
  }

  private func check(_ rule: String, _ wanted: JSON, _ value: JSON, _ schema: JSON, _ path: String) -> [String] {
    switch (rule, wanted) {
    case ("$ref", .text(let reference)):
      return found(reference).map { problems(value, $0, path) } ?? ["\(reference) leads nowhere"]
    case ("oneOf", .list(let schemas)):
      let fitting = schemas.count { problems(value, $0, path).isEmpty }
      return fitting == 1 ? [] : ["\(path) fits \(fitting) of \(schemas.count) forms"]
    case ("not", _): return problems(value, wanted, path).isEmpty ? ["\(path) has what it must not have"] : []
    case ("const", _): return value == wanted ? [] : ["\(path) is not \(wanted)"]
    case ("enum", .list(let values)): return values.contains(value) ? [] : ["\(path) is none of \(values)"]
    case ("type", .text(let type)): return isOf(type, value) ? [] : ["\(path) is no \(type)"]
    case ("type", .list(let types)):
      return types.contains { isOf($0.text ?? "", value) } ? [] : ["\(path) is none of \(types)"]
    case ("required", .list(let names)):
      return names.compactMap { value[$0.text ?? ""] == nil ? "\(path) has no \($0)" : nil }
    case ("properties", .object(let schemas)):
      return schemas.flatMap { name, schema in value[name].map { problems($0, schema, "\(path).\(name)") } ?? [] }
    case ("additionalProperties", .bool(false)): return unknown(value, schema, path)
    case ("items", _):
      guard case .list(let values) = value else { return [] }
      return values.flatMap { problems($0, wanted, "\(path)[]") }
    case ("minimum", .number(let least)): return compare(value, path) { $0 >= least }
    case ("maximum", .number(let most)): return compare(value, path) { $0 <= most }
    case ("pattern", .text("^/")): return value.text?.hasPrefix("/") == true ? [] : ["\(path) is no absolute path"]
    case ("description", _), ("title", _), ("$schema", _), ("$defs", _): return []
    default: return ["the rule \(rule) is not known here"]
    }
  }

  private func unknown(_ value: JSON, _ schema: JSON, _ path: String) -> [String] {
    guard case .object(let members) = value else { return [] }
    return members.keys.sorted().filter { schema["properties"]?[$0] == nil }.map { "\(path).\($0) is not known" }
  }

  private func compare(_ value: JSON, _ path: String, _ holds: (Double) -> Bool) -> [String] {
    guard case .number(let number) = value else { return [] }
    return holds(number) ? [] : ["\(path) is out of range: \(number)"]
  }

  private func isOf(_ type: String, _ value: JSON) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .bool), ("number", .number), ("string", .text), ("array", .list),
      ("object", .object):
      true
    case ("integer", .number(let number)): number == number.rounded()
    default: false
    }
  }
}
