import Engine
import PipelineModel

/// Flags in place of routes: a share of the people, and a variant in place of a version.
extension Teller {
  /// Who gets the weight of a route: the version, or a flag's variant.
  func receiver(_ route: Int) -> String { variant(route) ?? run.start.version }

  func asking(_ route: Int, _ weight: Weight) -> String {
    if let variant = variant(route) { return "giving \(variant) of \(plan.routes[route]) to \(weight)" }
    return "asking \(plan.routes[route]) to give \(weight) to \(run.start.version)"
  }

  func remedy(_ stage: Int) -> String { run.remedy(at: stage) }

  func switchedOff(_ id: EffectID) -> String {
    guard case .switchOff(let stage)? = effect(id)?.work else { return "the flag is off" }
    return "\(remedy(stage)) is off, and stays off until a person turns it on"
  }

  private func variant(_ route: Int) -> String? { run.variant(of: route) }
}
