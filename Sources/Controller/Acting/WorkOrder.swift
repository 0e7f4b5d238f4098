package import Engine
package import PipelineModel

/// An effect with all that is needed to carry it out.
package struct WorkOrder: Sendable {
  package var run: RunID
  package var effect: Effect
  package var plan: Plan
  package var start: Start
  /// The candidate's share when the order was given, on the route moved last.
  package var weight: Weight
  /// The gate's interval, for measurements.
  package var interval: Interval
  /// First part of every idempotency key.
  package var store: String

  package init(
    run: RunID, effect: Effect, plan: Plan, start: Start, weight: Weight, interval: Interval, store: String
  ) {
    self.run = run
    self.effect = effect
    self.plan = plan
    self.start = start
    self.weight = weight
    self.interval = interval
    self.store = store
  }

  /// The same for every try, and after a restart.
  package var key: String { "\(store)-\(run)-\(effect.id)" }

  /// The slot an arm has on a route.
  package func slot(of arm: Arm, route: Int) -> Slot {
    let candidate = start.slots.indices.contains(route) ? start.slots[route] : .green
    return arm == .candidate ? candidate : candidate.other
  }
}

extension WorkOrder {
  /// A template with every place filled. What a name stands for is in `Template.BuiltIn`.
  package func text(_ template: Template) throws(Failure) -> String {
    if let text = template.filled(value) { return text }
    let unknown = template.variables.first { value($0) == nil } ?? ""
    throw Failure(.misconfigured, "nothing is known to fill ${\(unknown)} with")
  }

  package func value(_ name: String) -> String? {
    if let binding = start.parameters.first(where: { $0.name == name }) { return binding.value }
    return Template.BuiltIn(rawValue: name).map(value)
  }

  private func value(_ name: Template.BuiltIn) -> String {
    switch name {
    case .version: start.version
    case .stable: start.stable ?? ""
    case .weight: String(weight.description.dropLast())
    case .interval: "\(max(1, interval.milliseconds / 1000))s"
    case .service: start.target.service
    case .environment: start.target.environment
    case .pipeline: start.pipeline
    case .run: run.description
    case .slot: slot(of: .candidate, route: 0).rawValue
    case .stableSlot: slot(of: .stable, route: 0).rawValue
    case .key: key
    }
  }
}
