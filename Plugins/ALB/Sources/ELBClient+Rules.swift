import PipelineModel
import PluginKit

extension ELBClient {
  /// The key of the tag on rules that Headgate made; its value is the route's name.
  private static let tag = "headgate:header-route"
  /// AWS takes no more in one question for tags.
  private static let mostTagged = 20
  private static let mostPages = 100

  /// The rules of a route's listener, and which of them bear the route's name.
  func headerRules(of route: ALBRoute, named name: String) async throws(Failure) -> HeaderRules {
    let all = try await rules(of: route.place.listener)
    // Every rule of ours is about a header.
    var candidates = all.filter { $0.conditions.contains(where: \.isHeader) }[...]
    var owned: Set<String> = []
    while !candidates.isEmpty {
      owned.formUnion(try await arns(candidates.prefix(Self.mostTagged).map(\.arn), tagged: name))
      candidates = candidates.dropFirst(Self.mostTagged)
    }
    return HeaderRules(route: route, all: all, own: all.filter { owned.contains($0.arn) })
  }

  private func rules(of listener: String) async throws(Failure) -> [ListenerRule] {
    var rules: [ListenerRule] = []
    var marker: String?
    for _ in 1...Self.mostPages {
      let page = marker.map { [("Marker", $0)] } ?? []
      let answer = try await ask("DescribeRules", [("ListenerArn", listener)] + page)["DescribeRulesResult"]
      rules += (answer?["Rules"]?.members ?? []).map { ListenerRule($0) }
      guard let next = answer?["NextMarker"]?.text, !next.isEmpty else { return rules }
      marker = next
    }
    throw Failure(.transient, "AWS told \(Self.mostPages) pages of rules, and no end of them")
  }

  private func arns(_ arns: [String], tagged name: String) async throws(Failure) -> [String] {
    let fields = arns.enumerated().map { ("ResourceArns.member.\($0 + 1)", $1) }
    let answer = try await askOfKnown("DescribeTags", fields)
    let found = answer["DescribeTagsResult"]?["TagDescriptions"]?.members ?? []
    return found.filter { description in
      (description["Tags"]?.members ?? []).contains { $0["Key"]?.text == Self.tag && $0["Value"]?.text == name }
    }.compactMap { $0["ResourceArn"]?.text }
  }

  /// Asks about rules that were there a moment ago: where one has gone, the next try sees what there is.
  private func askOfKnown(_ action: String, _ fields: [(String, String)]) async throws(Failure) -> AnswerElement {
    let gone = "RuleNotFound"
    let answer = try await ask(action, fields, butFor: [gone])
    guard answer["Error"] == nil else {
      throw Failure(.transient, "\(gone): a rule was deleted while it was looked at")
    }
    return answer
  }

  func create(_ wanted: HeaderRules.Wanted, at listener: String, named name: String) async throws(Failure) {
    let fields = [("ListenerArn", listener), ("Priority", "\(wanted.priority)")] + wanted.fields
    _ = try await ask("CreateRule", fields + [("Tags.member.1.Key", Self.tag), ("Tags.member.1.Value", name)])
  }

  func change(_ rule: ListenerRule, to wanted: HeaderRules.Wanted) async throws(Failure) {
    let isPlain = wanted.transforms.isEmpty && !rule.transforms.isEmpty
    _ = try await askOfKnown(
      "ModifyRule", [("RuleArn", rule.arn)] + wanted.fields + (isPlain ? [("ResetTransforms", "true")] : []))
  }

  /// True on return: there is no such rule any more. Twice is harmless.
  func delete(_ rule: ListenerRule) async throws(Failure) {
    _ = try await ask("DeleteRule", [("RuleArn", rule.arn)], butFor: ["RuleNotFound"])
  }
}

extension HeaderRules.Wanted {
  /// What AWS is asked for, as the fields of a form; conditions in the order of their names.
  var fields: [(String, String)] {
    let conditions = conditions.map { $0.fields.sorted { $0.key < $1.key } }.sorted { "\($0)" < "\($1)" }
    let each = conditions.enumerated().flatMap { index, fields in
      fields.map { ("Conditions.member.\(index + 1).\($0.key)", $0.value) }
    }
    let rewriting = transforms.sorted { $0.key < $1.key }.map { ("Transforms.\($0.key)", $0.value) }
    return each + [("Actions.member.1.Type", "forward"), ("Actions.member.1.TargetGroupArn", group)] + rewriting
  }
}
