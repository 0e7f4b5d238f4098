import PipelineModel
import PluginKit

/// The rules of a route's listener, and which of them the route has made for requests with a header.
///
/// Its own bear a tag with the route's name; no other rule is ever changed. One of them is an exception of the route's rule,
/// or of the listener's default action: it has the same conditions, and one more.
struct HeaderRules: Hashable, Sendable {
  var route: ALBRoute
  var all: [ListenerRule]
  var own: [ListenerRule]

  /// The rule of the route itself.
  ///
  /// - Throws: `rejected` when there is none; `misconfigured` when it does more than forward to the two slots, such as a
  ///   login that an exception of it would let people pass by.
  func base() throws(Failure) -> ListenerRule {
    let found = all.first { rule in
      switch route.place {
      case .listener: rule.priority == nil
      case .rule(let arn): rule.arn == arn
      }
    }
    guard let found else { throw Failure(.rejected, "AWS knows nothing of \(route.place.arn.excerpt(160))") }
    _ = try ForwardAction(found.actions).green(of: route)
    return found
  }

  /// The rule as AWS has it; `nil` when it has none that does what one of ours does.
  func current() throws(Failure) -> HeaderRoute? {
    guard own.count == 1, own[0].priority == route.headerPriority else { return nil }
    let base = try base()
    let more = own[0].conditions.subtracting(base.conditions)
    guard own[0].conditions.isSuperset(of: base.conditions), own[0].transforms == base.transforms, more.count == 1,
      let match = more.first?.header, let slot = own[0].slot(of: route)
    else { return nil }
    return HeaderRoute(header: match.header, value: match.value, slot: slot)
  }

  /// What a rule of ours is to be.
  ///
  /// - Throws: `misconfigured` where it would take requests of other rules, or the place of one.
  func wanted(_ rule: HeaderRoute) throws(Failure) -> Wanted {
    guard let priority = route.headerPriority else {
      throw Failure(.rejected, "this route has no `headerPriority`, the priority of a rule for requests with a header")
    }
    let base = try base()
    try checkPlace(priority, before: base)
    let condition = RuleCondition(HeaderMatch(header: rule.header, value: rule.value))
    return Wanted(
      priority: priority, conditions: base.conditions.union([condition]), group: route.group(rule.slot),
      transforms: base.transforms)
  }

  /// A rule to make, or to make of one.
  struct Wanted: Hashable, Sendable {
    var priority: Int
    var conditions: Set<RuleCondition>
    /// ARN of the one target group.
    var group: String
    var transforms: [String: String]
  }

  /// Only between an exception and its rule no other one may stand: it would lose the requests that have the header.
  private func checkPlace(_ priority: Int, before base: ListenerRule) throws(Failure) {
    let end = base.priority ?? .max
    guard priority < end else {
      throw Failure(
        .misconfigured, "`headerPriority` is \(priority), and must be below \(end), that of the route's rule")
    }
    let others = all.filter { !own.contains($0) }.compactMap(\.priority).filter { priority..<end ~= $0 }
    guard let last = others.max() else { return }
    let better = base.priority.map { "between \(last) and \($0)" } ?? "above \(last)"
    throw Failure(
      .misconfigured,
      others.contains(priority)
        ? "the rule with the priority \(priority) is not one that Headgate made; give a `headerPriority` \(better)"
        : "the rule with the priority \(last) would lose requests to it; give a `headerPriority` \(better)")
  }
}
