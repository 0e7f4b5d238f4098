package import Engine
package import PipelineModel
package import PluginKit

/// What all effects of a run have in common.
final class Commission: Sendable {
  let run: RunID
  let plan: Plan
  let start: Start
  let store: String

  init(run: RunID, plan: Plan, start: Start, store: String) {
    self.run = run
    self.plan = plan
    self.start = start
    self.store = store
  }
}

/// An effect with all that is needed to carry it out.
package struct WorkOrder: Sendable {
  package let effect: Effect
  /// The candidate's share when the order was given, on the route moved last.
  package let weight: Weight
  /// The gate's interval, for measurements.
  package let interval: Interval
  /// The look that a measurement is for.
  package let look: MetricQuery.Look?
  /// The stage in progress when the order was given.
  let stage: Int
  private let commission: Commission

  init(
    _ commission: Commission, _ effect: Effect, weight: Weight, interval: Interval, stage: Int = 0,
    look: MetricQuery.Look? = nil
  ) {
    self.stage = stage
    self.commission = commission
    self.look = look
    self.effect = effect
    self.weight = weight
    self.interval = interval
  }

  package var run: RunID { commission.run }
  package var plan: Plan { commission.plan }
  package var start: Start { commission.start }
  /// First part of every idempotency key.
  package var store: String { commission.store }

  /// The same for every try, and after a restart.
  package var key: String { Self.key(of: effect.id, run, store) }

  /// Of another effect of the same run.
  func key(of effect: EffectID) -> String { Self.key(of: effect, run, store) }

  static func key(of effect: EffectID, _ run: RunID, _ store: String) -> String {
    keyPrefix(of: run, store) + "\(effect)"
  }

  /// What the keys of all effects of a run begin with.
  static func keyPrefix(of run: RunID, _ store: String) -> String { "\(store)-\(run)-" }

  /// The slot an arm has on a route.
  package func slot(of arm: Arm, route: Int) -> Slot {
    let candidate = start.slots.indices.contains(route) ? start.slots[route] : .green
    return arm == .candidate ? candidate : candidate.other
  }

  /// The slot an arm has on the route of a stage.
  func slot(of arm: Arm, at stage: Int) -> Slot {
    slot(of: arm, route: plan.pipeline.stages[stage].route.flatMap(plan.routes.firstIndex) ?? 0)
  }

  /// Name of the deployer of a stage.
  func deployer(of stage: Int) -> String { plan.pipeline.stages[stage].deployer ?? "" }
}

extension WorkOrder {
  /// A template with every place filled. What a name stands for is in `Template.BuiltIn`.
  ///
  /// - Parameter interval: what `${interval}` stands for, where it is not the gate's.
  package func text(_ template: Template, interval: Interval? = nil) throws(Failure) -> String {
    func value(_ name: String) -> String? {
      if let interval, name == Template.BuiltIn.interval.rawValue, parameter(name) == nil {
        return Self.seconds(interval)
      }
      return self.value(name)
    }
    if let text = template.filled(value) { return text }
    let unknown = template.variables.first { value($0) == nil } ?? ""
    throw Failure(.misconfigured, "nothing is known to fill ${\(unknown)} with")
  }

  package func value(_ name: String) -> String? {
    if let value = parameter(name) { return value }
    return Template.BuiltIn(rawValue: name).map(value)
  }

  private var ramp: FlagRamp? { plan.pipeline.ramp(at: stage) }

  /// Parameters and built-in values, by their names.
  var values: [String: String] {
    let builtIn = Template.BuiltIn.allCases.map { ($0.rawValue, value($0)) }
    let own = start.parameters.map { ($0.name, $0.value) }
    return Dictionary(builtIn + own) { $1 }
  }

  private func parameter(_ name: String) -> String? { start.parameters.first { $0.name == name }?.value }

  private static func seconds(_ interval: Interval) -> String { "\(max(1, interval.milliseconds / 1000))s" }

  private func value(_ name: Template.BuiltIn) -> String {
    switch name {
    case .version: start.version
    case .stable: start.stable ?? ""
    case .weight: String(weight.description.dropLast())
    case .interval: Self.seconds(interval)
    case .service: start.target.service
    case .environment: start.target.environment
    case .pipeline: start.pipeline
    case .run: run.description
    case .slot: slot(of: .candidate, route: 0).rawValue
    case .stableSlot: slot(of: .stable, route: 0).rawValue
    case .key: key
    case .flag: ramp?.key ?? ""
    case .variant: ramp?.variant ?? ""
    case .fromVariant: ramp?.from ?? ""
    }
  }
}
