package import Engine
import Foundation
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
      let fallback = order.plan.pipeline.metrics[metric].fallback.map {
        errands.backends.limits(of: $0.provider).deadline
      }
      let longest = errands.backends.limits(of: provider).deadline + (fallback ?? .zero) + Self.grace
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
    case .setMirror(let route, _): set(.mirror, order, order.plan.routes[route])
    case .setHeaderRoute(let route, _): set(.headerRoute, order, order.plan.routes[route])
    case .step(let stage): step(order, stage)
    case .cancelStep(_, let stage): cancelStep(order, stage)
    case .deploy(let stage, let arm): deploy(order, stage, arm)
    case .retire(let stage, let arm): retire(order, stage, arm)
    case .check(let stage): check(order, stage)
    // The controller answers it itself.
    case .switchOff: break
    case .cancelCheck: cancel(order)
    }
  }

  /// Calls for one route never overlap, and a newer wish replaces an older one: otherwise a slow 25 % could land after
  /// the 0 % of a rollback.
  private func setWeight(_ order: WorkOrder, _ route: RouteName) {
    lane(to: .route(route)).replace(with: Lane.Job(call: .effect(order), deadline: .seconds(30)))
  }

  /// What a route does beside its weights has a lane of its own: a newer mirror is no newer weight.
  private func set(_ extra: Extra, _ order: WorkOrder, _ route: RouteName) {
    lane(to: .extra(extra, route)).replace(with: Lane.Job(call: .effect(order), deadline: .seconds(30)))
  }

  package func readBack(_ run: RunID, plan: Plan, start: Start, route index: Int, state: RouteState) {
    let candidate = start.slots.indices.contains(index) ? start.slots[index] : .green
    let route = plan.routes[index]
    // Not behind a change that is under way: the next look will see what came of it.
    func look(_ wanted: RouteLook.Wanted, on lane: Lane<Errands>) {
      let look = RouteLook(run: run, index: index, route: route, candidate: candidate, wanted: wanted)
      lane.submitIfIdle(Lane.Job(call: .look(look), deadline: .seconds(30)))
    }
    if state.confirmed, let wanted = state.wanted { look(.weight(wanted), on: lane(to: .route(route))) }
    for extra in state.extras where state.isConfirmed(extra) {
      let lane = lane(to: .extra(extra, route))
      switch extra {
      case .mirror: look(.mirror(state.mirror ?? .none), on: lane)
      case .headerRoute: look(.headerRoute(state.header), on: lane)
      }
    }
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

  /// Steps wait at their runner for the most part, so many may be under way.
  private func step(_ order: WorkOrder, _ stage: Int) {
    guard case .step(let call) = order.plan.pipeline.stages[stage].work else { return }
    lane(to: .runner(call.step.runner), width: 1000).submit([
      Lane.Job(call: .effect(order), deadline: call.timeout + .minutes(5))
    ])
  }

  package func forgetStrays(where isStray: (String) -> Bool) {
    lane(to: .cancellations, width: Self.width).submit(
      errands.backends.checks.known().filter(isStray).map {
        Lane.Job(call: .forget($0), deadline: .seconds(30))
      })
    for (name, runner) in errands.backends.runners {
      end(runner.known().filter(isStray).map { .forgetStep($0, runner: name) }, at: name)
    }
  }

  private func cancel(_ order: WorkOrder) {
    lane(to: .cancellations, width: Self.width).submit([Lane.Job(call: .effect(order), deadline: .seconds(30))])
  }

  private func cancelStep(_ order: WorkOrder, _ stage: Int) {
    guard case .step(let call) = order.plan.pipeline.stages[stage].work else { return }
    end([.effect(order)], at: call.step.runner)
  }

  /// A runner that does not answer is asked again and again, and holds up no other meanwhile. Most wait for the next try.
  private func end(_ errands: [Errand], at runner: String) {
    lane(to: .endings(runner: runner), width: 1000).submit(
      errands.map { Lane.Job(call: $0, deadline: .hours(24 * 365)) })
  }

  /// Waits until no step is being ended any more, for so long at most: what a run has begun should not outlive it by more
  /// than it must.
  package func awaitEndings(for patience: Duration) {
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end, endings.contains(where: { $0.running > 0 }) { Thread.sleep(forTimeInterval: 0.02) }
  }
}
