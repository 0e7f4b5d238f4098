package import Engine
package import PipelineModel
import PluginKit

extension Dispatcher {
  /// Beyond a provider's deadline: for one that does not keep to it, and for waiting behind such a one.
  private static let grace = Interval.seconds(5)

  package func perform(_ orders: [WorkOrder]) {
    var questions: [String: [Lane<Errands>.Job]] = [:]
    for order in orders where !errands.doneAtOnce(order) {
      guard case .measure(_, let metric) = order.effect.work else { perform(order); continue }
      let provider = order.plan.pipeline.metrics[metric].provider
      let longest = errands.backends.limits(of: provider).deadline + Self.grace
      questions[provider, default: []].append(Lane.Job(call: .effect(order), deadline: longest, patience: longest))
    }
    for (provider, jobs) in questions {
      lane(to: .provider(provider), width: errands.backends.limits(of: provider).atOnce).submit(jobs)
    }
  }

  private func perform(_ order: WorkOrder) {
    switch order.effect.work {
    case .measure: break
    case .setWeight(let route, _): setWeight(order, order.plan.routes[route])
    case .deploy(let stage, let arm): deploy(order, stage, arm)
    case .retire(let stage, let arm): retire(order, stage, arm)
    case .check(let stage): check(order, stage)
    // The controller answers it itself.
    case .switchOff: break
    case .cancelCheck: cancelCheck(order)
    }
  }

  /// Calls for one route never overlap, and a newer wish replaces an older one: otherwise a slow 25 % could land after
  /// the 0 % of a rollback.
  private func setWeight(_ order: WorkOrder, _ route: RouteName) {
    lane(to: .route(route)).replace(with: Lane.Job(call: .effect(order), deadline: .seconds(30)))
  }

  package func readBack(_ run: RunID, plan: Plan, start: Start, route index: Int, wanted: Weight) {
    let candidate = start.slots.indices.contains(index) ? start.slots[index] : .green
    let look = RouteLook(run: run, index: index, route: plan.routes[index], candidate: candidate, wanted: wanted)
    // Not behind a change that is under way: the next look will see what came of it.
    lane(to: .route(look.route)).submitIfIdle(Lane.Job(call: .look(look), deadline: .seconds(30)))
  }

  private func deploy(_ order: WorkOrder, _ stage: Int, _ arm: Arm) {
    let deadline = order.plan.pipeline.stages[stage].deadline + .minutes(1)
    lane(order, stage, arm).replace(with: Lane.Job(call: .effect(order), deadline: deadline), aim: "up")
  }

  private func retire(_ order: WorkOrder, _ stage: Int, _ arm: Arm) {
    lane(order, stage, arm).replace(with: Lane.Job(call: .effect(order), deadline: .minutes(5)), aim: "down")
  }

  /// Calls for one slot never overlap, and a newer wish replaces an older one: otherwise a slow retirement of the stable
  /// version could end after a rollback has brought it up again.
  private func lane(_ order: WorkOrder, _ stage: Int, _ arm: Arm) -> Lane<Errands> {
    lane(to: .slot(deployer: order.deployer(of: stage), order.start.target, order.slot(of: arm, at: stage)))
  }

  private func check(_ order: WorkOrder, _ stage: Int) {
    guard case .check(let check) = order.plan.pipeline.stages[stage].work else { return }
    lane(to: .checks, width: Self.width).submit([
      Lane.Job(call: .effect(order), deadline: check.timeout + .minutes(1))
    ])
  }

  package func forgetChecks(where isStray: (String) -> Bool) {
    let stray = errands.backends.checks.known().filter(isStray)
    lane(to: .cancellations, width: Self.width).submit(
      stray.map { Lane.Job(call: .forget($0), deadline: .seconds(30)) })
  }

  private func cancelCheck(_ order: WorkOrder) {
    lane(to: .cancellations, width: Self.width).submit([Lane.Job(call: .effect(order), deadline: .seconds(30))])
  }
}
