import PipelineModel
import PluginKit

/// A listener, or a rule of one, that forwards to two target groups by weight.
struct ALBRoute: Hashable, Sendable {
  enum Place: Hashable, Sendable {
    /// The default action of a listener.
    case listener(String)
    case rule(String)

    var arn: String {
      switch self {
      case .listener(let arn), .rule(let arn): arn
      }
    }

    /// The ARN of the listener; that of a rule has its listener's in it.
    var listener: String {
      switch self {
      case .listener(let arn): return arn
      case .rule(let arn):
        let path = arn.replacing(":listener-rule/", with: ":listener/", maxReplacements: 1)
        return String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
      }
    }
  }

  var place: Place
  /// ARNs of target groups.
  var blue: String
  var green: String
  /// Where the rule for requests with a header stands among the listener's; `nil`: none is made.
  var headerPriority: Int?

  /// What an ARN of a load balancer's parts looks like.
  static let arn = SettingFormat.matching(
    "arn:[!-~]*:elasticloadbalancing:[!-~]*",
    example: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/blue/0123456789abcdef",
    help: "write an ARN of a load balancer's parts, `arn:aws:elasticloadbalancing:…`")

  func group(_ slot: Slot) -> String { slot == .blue ? blue : green }

  /// - Throws: `misconfigured`, saying what a route needs.
  init(_ settings: Settings, name: String) throws(Failure) {
    guard let blue = settings.text("blue"), let green = settings.text("green") else {
      throw Failure(.misconfigured, "\(name): `blue` and `green` are missing; give the ARN of each target group")
    }
    guard blue != green else {
      throw Failure(.misconfigured, "\(name): `blue` and `green` are the same; the two slots must differ")
    }
    switch (settings.text("listener"), settings.text("rule")) {
    case (let arn?, nil): place = .listener(arn)
    case (nil, let arn?): place = .rule(arn)
    default:
      throw Failure(.misconfigured, "\(name): give `listener` (its default action) or `rule`, either by its ARN")
    }
    self.blue = blue
    self.green = green
    headerPriority = try Self.priority(settings, place, name)
    for arn in [blue, green, place.arn] { try Self.check(arn, name) }
  }

  private static func priority(_ settings: Settings, _ place: Place, _ name: String) throws(Failure) -> Int? {
    guard let number = settings.number("headerPriority") else { return nil }
    guard let priority = Int(exactly: number), 1...50_000 ~= priority else {
      throw Failure(.misconfigured, "\(name): `headerPriority` is \(number); it is a whole number from 1 to 50000")
    }
    if case .rule(let arn) = place, !arn.contains(":listener-rule/") {
      throw Failure(.misconfigured, "\(name): \"\(arn.excerpt(120))\" is no ARN of a listener's rule")
    }
    return priority
  }

  private static func check(_ arn: String, _ name: String) throws(Failure) {
    guard arn.hasPrefix("arn:"), arn.contains(":elasticloadbalancing:"),
      arn.unicodeScalars.allSatisfy({ (33..<127).contains($0.value) })
    else {
      throw Failure(.misconfigured, "\(name): \"\(arn.excerpt(120))\" is no ARN of a load balancer's parts")
    }
  }
}

/// Two weights from 0 to 999, as target groups have them.
struct TargetWeights: Hashable, Sendable {
  var blue: Int
  var green: Int

  /// For the nearest share in tenths of a percent.
  init(green share: Weight) {
    let tenths = (share.basisPoints + 5) / 10
    // Whole percents as people write them; and no weight of 1000.
    let unit = tenths.isMultiple(of: 10) ? 10 : 1
    blue = (1000 - tenths) / unit
    green = tenths / unit
  }

  static func nearest(to share: Weight) -> Weight { Weight(basisPoints: (share.basisPoints + 5) / 10 * 10) }
}

/// What a listener or rule does with requests, as far as it is a forward to target groups.
struct ForwardAction: Hashable, Sendable {
  var weights: [String: Int]
  var stickiness: Stickiness?

  struct Stickiness: Hashable, Sendable {
    var isEnabled: Bool
    /// In seconds.
    var duration: String?
  }

  /// - Parameter actions: the list of actions in an answer.
  /// - Throws: `misconfigured` when there is anything but one forward: AWS does not tell other actions whole, so they
  ///   cannot be sent back unharmed.
  init(_ actions: [AnswerElement]) throws(Failure) {
    let types = actions.compactMap { $0["Type"]?.text }
    guard let action = actions.first, types == ["forward"] else {
      throw Failure(
        .misconfigured,
        "its actions are \(types.isEmpty ? "none" : types.joined(separator: ", ").excerpt(120)), where one forward is "
          + "needed; give a rule that only forwards")
    }
    let config = action["ForwardConfig"]
    weights = [:]
    for group in config?["TargetGroups"]?.members ?? [] {
      guard let arn = group["TargetGroupArn"]?.text else { continue }
      let weight = group["Weight"].flatMap { Int($0.text) } ?? 1
      guard 0...999 ~= weight else {
        throw Failure(.misconfigured, "the weight \(weight) of \(arn.excerpt(160)) is none that AWS has")
      }
      weights[arn, default: 0] += weight
    }
    if weights.isEmpty, let only = action["TargetGroupArn"]?.text { weights[only] = 1 }
    stickiness = config?["TargetGroupStickinessConfig"].flatMap { config in
      guard let enabled = config["Enabled"]?.text else { return nil }
      return Stickiness(isEnabled: enabled == "true", duration: config["DurationSeconds"]?.text)
    }
  }

  /// Share of green; `nil` when neither has a weight, and nobody is served.
  ///
  /// - Throws: `misconfigured` when it forwards to a third group.
  func green(of route: ALBRoute) throws(Failure) -> Weight? {
    if let third = weights.filter({ $0.key != route.blue && $0.key != route.green && $0.value > 0 }).keys.min() {
      throw Failure(.misconfigured, "it also forwards to \(third.excerpt(160)), so no two slots can share all of it")
    }
    let (blue, green) = (weights[route.blue] ?? 0, weights[route.green] ?? 0)
    guard blue + green > 0 else { return nil }
    return Weight(basisPoints: Int((Double(green) / Double(blue + green) * 10_000).rounded()))
  }
}
