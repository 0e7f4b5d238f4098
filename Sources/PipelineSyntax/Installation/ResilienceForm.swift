import PipelineModel

/// How `resilience:` of a backend is written; each port has the keys that mean something for it.
struct ResilienceForm: Sendable {
  private let port: BackendKind.Port
  private let standard: ResiliencePolicy
  private let timeout: Key<Interval>
  private let deadline: Key<Interval>
  private let tries: Key<Int>
  private let atOnce: Key<Int>
  private let rate = Key("rate", Form<Int>.integer(1...1000), default: "no limit", "calls a second")
  private let breaker: Key<Breaker>
  private let share = Key(
    "share", Form<Bool>.bool, default: "true",
    "whether one answer serves all runs that ask the same in the same interval")

  init(_ port: BackendKind.Port) {
    self.port = port
    standard = .standard(of: port)
    timeout = Key(
      "timeout", Form<Interval>.positiveDuration, default: standard.timeout.description, "how long one try may take")
    deadline = Key(
      "deadline", Form<Interval>.positiveDuration, default: standard.deadline.description,
      "how long a call may take, all its tries and the pauses between them included")
    tries = Key("tries", Form<Int>.integer(1...10), default: "\(standard.tries)", Self.about(triesOf: port))
    atOnce = Key("atOnce", Form<Int>.integer(1...1000), default: "\(standard.atOnce)", "calls under way at a time")
    breaker = Key(
      "breaker", Breaker.form, default: standard.breaker == nil ? "off" : "{ failures: 5, pause: 10s }",
      "when to leave it alone: after so many failures in a row, for so long; `off`: never")
  }

  private static func about(triesOf port: BackendKind.Port) -> String {
    switch port {
    case .metrics: "how often a question is asked, the first time included"
    case .traffic: "how often a router is asked what weight it has; it is the run that sets a weight again"
    case .deployment: "how often a deployer is asked how far it is; it is the run that starts and stops again"
    case .notification: "unused: the outbox tries again"
    case .step: "how often a runner is asked how far a step is; it is the run that starts it again"
    }
  }

  private var object: ObjectForm {
    let keys: [any KeyDescription] =
      switch port {
      case .metrics: [timeout, deadline, tries, atOnce, rate, breaker, share]
      case .traffic, .deployment, .step: [timeout, deadline, tries, rate, breaker]
      case .notification: [timeout, rate, breaker]
      }
    return ObjectForm(
      name: "resilience-\(port.rawValue)", about: "How calls to the backend are guarded.", keys: keys,
      refused: port == .notification
        ? ["tries": "a notice that cannot be delivered is tried 5 times, with growing pauses"] : [:])
  }

  var form: Form<ResiliencePolicy> {
    let object = object
    return Form(.object(object)) { node, reader in
      reader.fields(node, object).map { policy($0, reader) }
    }
  }

  private func policy(_ fields: Fields, _ reader: Reader) -> ResiliencePolicy {
    var policy = standard
    policy.timeout = fields[timeout]?.value ?? standard.timeout
    policy.deadline = fields[deadline]?.value ?? max(standard.deadline, policy.timeout)
    if policy.timeout > policy.deadline {
      reader.sink.error(
        "one try may take \(policy.timeout), longer than all of them together, \(policy.deadline)",
        at: fields.place(of: timeout), help: "make `deadline` longer, or `timeout` shorter")
    }
    policy.tries = fields[tries]?.value ?? standard.tries
    policy.atOnce = fields[atOnce]?.value ?? standard.atOnce
    policy.rate = fields[rate]?.value
    policy.share = fields[share]?.value ?? standard.share
    switch fields[breaker]?.value {
    case .off: policy.breaker = nil
    case .on(let breaker): policy.breaker = breaker
    case nil: break
    }
    return policy
  }

  private enum Breaker: Sendable {
    case off
    case on(ResiliencePolicy.Breaker)

    private static let failures = Key(
      "failures", Form<Int>.integer(1...1000), default: "5", "failures in a row after which it is left alone")
    private static let pause = Key(
      "pause", Form<Interval>.positiveDuration, default: "10s",
      "for how long at first; doubles with each try in vain, up to ten times this")
    private static let object = ObjectForm(
      name: "breaker", about: "When a backend that fails is left alone for a while.", keys: [failures, pause])

    static let form = Form<Breaker>(.either([.oneOf(["off"]), .object(object)])) { node, reader in
      if case .scalar = node.content {
        guard let text = reader.text(node, wanting: "`off` or a mapping") else { return nil }
        if text == "off" || text == "false" { return .off }
        reader.sink.error(
          "\(quote(text)) is no breaker", at: node.place, help: "write `off`, or `{ failures: 5, pause: 10s }`")
        return nil
      }
      guard let fields = reader.fields(node, object) else { return nil }
      let standard = ResiliencePolicy.Breaker()
      return .on(
        .init(
          failures: fields[failures]?.value ?? standard.failures, pause: fields[pause]?.value ?? standard.pause))
    }
  }
}
