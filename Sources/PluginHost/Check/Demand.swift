import Conformance
import PipelineModel

/// Something that plugin.yaml must give under a kind's `check:`: without it a promise cannot be tried, and what was not
/// tried is not kept.
struct Demand: Sendable {
  /// As `check:` has it.
  var key: String
  /// What it is to be.
  var what: String
  /// What nobody knows without it.
  var unknown: String
  var isMet: @Sendable (PluginTrial) -> Bool

  /// Whether the kind gives it.
  func promise(of kind: BackendKind, _ trial: PluginTrial?) -> Promise {
    let isMet = trial.map(isMet) ?? false
    return Promise(
      "plugin.yaml gives `\(key)`",
      complaint: {
        isMet ? nil : "its kind \(kind.name) has no `check: { \(key): … }`: give \(what); without it \(unknown)"
      })
  }

  static func all(of kind: BackendKind, _ limits: PluginLimits) -> [Demand] {
    switch kind.port {
    case .metrics: questions + [limits.calls > 1 ? slowQuestion(limits.calls) : slowQuestion]
    case .traffic: [route]
    case .deployment: versions
    case .notification: [received]
    case .step: steps
    }
  }

  private static let questions = [
    Demand(
      key: "queries", what: "questions that it answers", unknown: "its port is not tried",
      isMet: { !$0.queries.isEmpty }),
    Demand(
      key: "badQuery", what: "a question that it must reject",
      unknown: "a question that it cannot read might be answered by a number", isMet: { $0.badQuery != nil }),
    Demand(
      key: "emptyQuery", what: "a question about something that there is not",
      unknown: "a missing value might be taken for a number, and let a gate pass", isMet: { $0.emptyQuery != nil }),
  ]

  private static func slowQuestion(_ calls: Int) -> Demand {
    Demand(
      key: "slowQuery",
      what: "a question that would take minutes, or set `limits: { calls: 1 }`, where it answers one after the other",
      unknown: "nobody knows whether it really takes \(calls) calls at once, nor whether it gives one up",
      isMet: { $0.slowQuery != nil })
  }

  private static let slowQuestion = Demand(
    key: "slowQuery", what: "a question that would take minutes, or in `neverSlow` the reason why there is none",
    unknown: "one question might keep all others waiting, whatever its deadline",
    isMet: { $0.slowQuery != nil || $0.neverSlow != nil })

  private static let route = Demand(
    key: "route", what: "a route to move", unknown: "its port is not tried", isMet: { $0.route != nil })

  private static let versions = [
    Demand(
      key: "version", what: "a version that comes up", unknown: "its port is not tried", isMet: { $0.version != nil }),
    Demand(
      key: "badVersion", what: "a version that does not come up", unknown: "every version might be called ready",
      isMet: { $0.badVersion != nil }),
    Demand(
      key: "slowVersion", what: "a version that would take minutes to come up",
      unknown: "what is stopped while it comes up might come up all the same", isMet: { $0.slowVersion != nil }),
    Demand(
      key: "running", what: "a command that prints what runs, an instance a line, each with its key",
      unknown: "a start that is tried again might begin a second instance", isMet: { !$0.running.isEmpty }),
  ]

  private static let received = Demand(
    key: "received", what: "a command that prints what has been received, each notice with its key",
    unknown: "notices might go nowhere", isMet: { !$0.received.isEmpty })

  private static let steps = [
    Demand(
      key: "passing", what: "a step that passes", unknown: "its port is not tried", isMet: { $0.passing != nil }),
    Demand(
      key: "failing", what: "a step that fails", unknown: "a failure might be told as a success",
      isMet: { $0.failing != nil }),
    Demand(
      key: "slow", what: "a step that would go on for minutes", unknown: "`step.cancel` is not tried",
      isMet: { $0.slow != nil }),
  ]
}
