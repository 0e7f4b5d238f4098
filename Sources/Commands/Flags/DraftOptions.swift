import ArgumentParser
import ControlAPI
import Engine
import Flags
import Foundation
import PipelineModel

/// What a flag is to be: a file, or the parts of it that change.
struct DraftOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file with the flag's flagd definition, or a flagd document that has it.",
      discussion: "A single dash: standard input."), completion: .file())
  var file: String?

  @Option(
    help: ArgumentHelp("A variant, name=value; may be given several times.", discussion: "Values are JSON, or text."))
  var variant: [String] = []

  @Option(name: .customLong("default"), help: "The variant of everybody whom no rule gives another.")
  var defaultVariant: String?

  @Option(
    help: ArgumentHelp(
      "The targeting rule, in JSON as flagd has it, or @FILE.", discussion: "An empty one takes the rule away."))
  var rule: String?

  @Option(help: "Team or person to ask.") var owner: String?
  @Option(help: "What it is for.") var purpose: String?
  @Option(help: "Day or instant from which it is overdue.") var expires: Instant?
  @Option(help: "Variant that everybody has when it has done its work.") var endState: String?
  @Option(help: "Service that reads it; may be given several times.") var service: [String] = []
  @Option(help: "Generation of `fractional`: v1, v2 or v3.") var fractional: GenerationChoice?

  enum GenerationChoice: String, ExpressibleByArgument, CaseIterable { case v1, v2, v3 }

  private var generation: Generation? { fractional.flatMap { Generation(rawValue: $0.rawValue) } }

  /// - Parameter head: the flag as it is; `nil`: it is to be made.
  func draft(of key: String, after head: FlagRevision?) throws -> FlagDraft {
    let generation = generation ?? head?.generation ?? .standard
    var definition = try start(key, head, generation)
    try change(&definition)
    // Once more as a whole, so that what does not fit together is told here.
    let whole = FlagText(definition.canonical, from: file ?? "the flag")
    if file == nil || !variant.isEmpty || rule != nil { _ = try whole.definition(of: key, generation) }
    return FlagDraft(
      definition: definition.canonical, contract: contract(after: head?.contract), generation: self.generation)
  }

  private func start(_ key: String, _ head: FlagRevision?, _ generation: Generation) throws -> FlagDefinition {
    if let file { return try FlagText(file: file).definition(of: key, generation) }
    if let head { return try head.definitionOrStop() }
    let variants = variant.isEmpty ? [("on", JSONValue.bool(true)), ("off", .bool(false))] : []
    let standard = variant.isEmpty ? "off" : nil
    return FlagDefinition(
      JSONObject(
        [("state", JSONValue.text("DISABLED")), ("variants", .object(JSONObject(variants)))]
          + (standard.map { [("defaultVariant", .text($0))] } ?? [])))
  }

  private func change(_ definition: inout FlagDefinition) throws {
    let given = try variant.map(Self.variant)
    if !given.isEmpty { definition.variants = definition.variants.overlaid(by: JSONObject(given)) }
    if let defaultVariant { definition.defaultVariant = defaultVariant }
    guard let rule else { return }
    if rule.allSatisfy(\.isWhitespace) {
      definition.targeting = nil
    } else {
      definition.targeting =
        try (rule.hasPrefix("@") ? FlagText(file: String(rule.dropFirst())) : FlagText(rule, from: "--rule")).value()
    }
  }

  private static func variant(_ text: String) throws -> (name: String, value: JSONValue) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw Stop(code: .wrongUsage, description: "--variant \(text): write it as name=value")
    }
    let value = String(text[text.index(after: equals)...])
    let parsed = try? JSONParser.value(in: Array(value.utf8), limits: .context)
    return (String(text[..<equals]), parsed ?? .text(value))
  }

  private func contract(after former: FlagContract?) -> FlagContract {
    var contract = former?.agreed ?? FlagContract()
    if let owner { contract.owner = owner.isEmpty ? nil : owner }
    if let purpose { contract.purpose = purpose.isEmpty ? nil : purpose }
    if let expires { contract.expires = expires.timestamp }
    if let endState { contract.endState = endState.isEmpty ? nil : endState }
    if !service.isEmpty { contract.services = service.filter { !$0.isEmpty } }
    return contract
  }
}

extension FlagRevision {
  func definitionOrStop() throws -> FlagDefinition {
    do {
      return try parsed()
    } catch {
      throw Stop.unknown(error.description)
    }
  }
}
