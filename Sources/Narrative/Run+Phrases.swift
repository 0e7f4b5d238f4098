import Engine
import PipelineModel

extension Run {
  /// What an effect is to do, after "could not".
  func phrase(of work: Effect.Work) -> String {
    switch work {
    case .setWeight(let route, let weight): phrase(ofSetting: weight, route: route)
    case .deploy(let stage, let arm): "bring up \(version(arm)) for \(name(of: stage))"
    case .retire(let stage, let arm): "take down \(version(arm)) for \(name(of: stage))"
    case .switchOff(let stage): "switch off \(remedy(at: stage))"
    case .check(let stage): "check \(name(of: stage))"
    case .measure(_, let metric): "measure \(plan.pipeline.metrics[metric].name)"
    case .cancelCheck: "end a command"
    case .setMirror(let route, let share): "copy \(share) of the requests on route \(name(ofRoute: route))"
    case .setHeaderRoute(let route, let header?): "route \(plan.headers[header]) on route \(name(ofRoute: route))"
    case .setHeaderRoute(let route, nil): "take the header route from route \(name(ofRoute: route))"
    case .step(let stage): "do step \(name(of: stage))"
    case .cancelStep: "end a step"
    }
  }

  /// Why it was not done, without what was to be done. Backends that say that too, since their messages stand alone
  /// elsewhere, begin with "could not" and end it with a colon.
  func core(of failure: Failure, in work: Effect.Work) -> String {
    guard failure.message.hasPrefix("could not "), case let subjects = subjects(of: work), !subjects.isEmpty,
      let colon = failure.message.firstRange(of: ": "),
      case let attempt = failure.message[..<colon.lowerBound], subjects.contains(where: { attempt.contains($0) })
    else { return failure.message }
    return String(failure.message[colon.upperBound...])
  }

  /// Words that a message about an effect names it by.
  private func subjects(of work: Effect.Work) -> [String] {
    switch work {
    case .setWeight(let route, _), .setMirror(let route, _), .setHeaderRoute(let route, _):
      [plan.routes[route].description]
    case .deploy(_, let arm), .retire(_, let arm): [version(arm)]
    case .measure(_, let metric): [plan.pipeline.metrics[metric].name]
    case .check(let stage), .step(let stage): [plan.pipeline.stages[stage].name]
    case .switchOff, .cancelCheck, .cancelStep: []
    }
  }

  func version(_ arm: Arm) -> String {
    switch arm {
    case .candidate: start.version
    case .stable: start.stable ?? "the old version"
    }
  }

  private func phrase(ofSetting weight: Weight, route: Int) -> String {
    if let variant = variant(of: route) { return "give \(variant) of \(plan.routes[route]) to \(weight)" }
    return "set weight \(weight) on route \(name(ofRoute: route))"
  }

  /// The flag that a stage switches off when its gate fails.
  func remedy(at stage: Int) -> String { plan.pipeline.stages[stage].switchesOff?.description ?? "a flag" }

  /// What a route that is a flag gives.
  func variant(of route: Int) -> String? {
    plan.pipeline.stages.lazy.compactMap(\.ramp).first { $0.route == plan.routes[route] }?.variant
  }

  private func name(of stage: Int) -> String { "\"\(plan.pipeline.stages[stage].name)\"" }

  private func name(ofRoute route: Int) -> String { "\"\(plan.routes[route])\"" }
}
