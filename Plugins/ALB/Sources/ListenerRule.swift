import PipelineModel
import PluginKit

/// One rule of a listener, as AWS tells it.
struct ListenerRule: Hashable, Sendable {
  var arn: String
  /// From 1; the lowest is tried first. `nil`: the default rule, which is tried last.
  var priority: Int?
  var conditions: Set<RuleCondition>
  var actions: [AnswerElement]
  /// What it rewrites of a request, as the fields of a form.
  var transforms: [String: String]

  init(_ element: AnswerElement) {
    arn = element["RuleArn"]?.text ?? ""
    priority = element["Priority"].flatMap { Int($0.text) }
    conditions = Set((element["Conditions"]?.members ?? []).map { RuleCondition($0) })
    actions = element["Actions"]?.members ?? []
    transforms = element["Transforms"]?.fields() ?? [:]
  }

  /// The slot that all of its requests go to; `nil` when there is no such slot.
  func slot(of route: ALBRoute) -> Slot? {
    guard let forward = try? ForwardAction(actions) else { return nil }
    let groups = forward.weights.filter { $0.value > 0 }.keys
    return Slot.allCases.first { groups.elementsEqual([route.group($0)]) }
  }
}

/// A condition of a rule, as the fields of a form that ask for the same.
struct RuleCondition: Hashable, Sendable {
  var fields: [String: String]

  init(_ element: AnswerElement) {
    fields = element.fields()
    // AWS tells the values of some conditions in two places, and takes them in one.
    if fields.keys.contains(where: { $0.contains("Config.") }) {
      fields = fields.filter { !$0.key.hasPrefix("Values.") }
    }
  }

  /// Requests whose header is the value, but for upper and lower case.
  init(_ match: HeaderMatch) {
    fields = [
      "Field": "http-header", "HttpHeaderConfig.HttpHeaderName": match.header,
      "HttpHeaderConfig.Values.member.1": match.value,
    ]
  }

  var isHeader: Bool { fields["Field"] == "http-header" }

  /// The one header value it is about; `nil` when it is about anything else.
  var header: HeaderMatch? {
    guard let name = fields["HttpHeaderConfig.HttpHeaderName"], let value = fields["HttpHeaderConfig.Values.member.1"]
    else { return nil }
    let match = HeaderMatch(header: name, value: value)
    return self == RuleCondition(match) ? match : nil
  }
}

extension AnswerElement {
  /// Its texts by their places, as the fields of a form name them.
  func fields(_ place: String = "") -> [String: String] {
    if children.isEmpty { return text.isEmpty ? [:] : [place: text] }
    var fields: [String: String] = [:]
    var count = 0
    for child in children {
      if child.name == "member" { count += 1 }
      let name = child.name == "member" ? "member.\(count)" : child.name
      fields.merge(child.fields(place.isEmpty ? name : "\(place).\(name)")) { $1 }
    }
    return fields
  }
}
