/// A pipeline as its author means it: parsed, checked, defaults filled in. Nothing of a run is in it.
package struct Pipeline: Hashable, Sendable {
  package var name: String
  package var target: Target
  package var owner: String?
  package var runbook: String?
  package var parameters: [Parameter]
  package var metrics: [Metric]
  /// At least one.
  package var stages: [Stage]
  /// Of the whole run, pauses and approvals included.
  package var deadline: Interval
  package var whenBusy: BusyPolicy
  /// Who is told of its runs, beside those that `headgate.yaml` names for all.
  package var notify: [Subscription]

  package init(
    name: String, target: Target, owner: String? = nil, runbook: String? = nil, parameters: [Parameter] = [],
    metrics: [Metric] = [], stages: [Stage], deadline: Interval? = nil, whenBusy: BusyPolicy = .refuse,
    notify: [Subscription] = []
  ) {
    self.name = name
    self.target = target
    self.owner = owner
    self.runbook = runbook
    self.parameters = parameters
    self.metrics = metrics
    self.stages = stages
    self.deadline = deadline ?? stages.reduce(.zero) { $0 + $1.deadline }
    self.whenBusy = whenBusy
    self.notify = notify
  }

  /// Routes the pipeline shifts, in the order of its stages, each once.
  package var routes: [RouteName] {
    var seen: [RouteName] = []
    for stage in stages { if let route = stage.route, !seen.contains(route) { seen.append(route) } }
    return seen
  }
}

extension Stage {
  /// The route the stage moves traffic on, if it does.
  package var route: RouteName? {
    switch work {
    case .canary(let canary): canary.route
    case .blueGreen(let change): change.route
    case .flag(let ramp): ramp.route
    case .check, .step, .approve, .verify, .wait: nil
    }
  }

  /// The deployer the stage uses, if any.
  package var deployer: String? {
    switch work {
    case .canary(let canary): canary.deploy
    case .blueGreen(let change): change.deploy
    case .check, .step, .approve, .verify, .wait, .flag: nil
    }
  }
}

extension Pipeline {
  /// Names of the runners its stages use, in their order, each once.
  package var runners: [String] {
    stages.reduce(into: []) { names, stage in
      if case .step(let call) = stage.work, !names.contains(call.step.runner) { names.append(call.step.runner) }
    }
  }
}

/// What happens to a run that is started while another is in flight on the same target.
package enum BusyPolicy: String, Hashable, Sendable, CaseIterable {
  case refuse
  /// Wait until the other has ended.
  case queue
  /// Roll the other back, then begin.
  case supersede
}

package struct Parameter: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case text, number, bool, duration, percentage
  }
  package var name: String
  package var kind: Kind
  package var required: Bool
  /// A regular expression the whole value must match.
  package var pattern: String?
  package var `default`: String?
  package var about: String?

  package init(
    name: String, kind: Kind = .text, required: Bool = false, pattern: String? = nil, default: String? = nil,
    about: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.required = required
    self.pattern = pattern
    self.default = `default`
    self.about = about
  }
}
