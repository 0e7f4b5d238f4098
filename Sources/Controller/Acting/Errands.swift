import Engine
import PipelineModel
import PluginKit

/// Does errands through the ports, and brings what comes of them to the inbox: one fact for each effect, whatever becomes
/// of the call.
struct Errands: Caller {
  let backends: Backends
  let inbox: Inbox
  let clock: Clock
  let stepsUnderway = StepsUnderway()
  private let providers: [String: any SynchronousMetricProvider]
  private let routers: [String: any SynchronousTrafficRouter]

  init(backends: Backends, inbox: Inbox, clock: Clock) {
    self.backends = backends
    self.inbox = inbox
    self.clock = clock
    providers = backends.providers.compactMapValues { $0 as? any SynchronousMetricProvider }
    routers = backends.routers.compactMapValues { $0 as? any SynchronousTrafficRouter }
  }

  /// Does an errand to a backend that needs not be waited for.
  ///
  /// - Returns: `false` when it has to be waited for; nothing was done.
  func doneAtOnce(_ order: WorkOrder) -> Bool {
    do throws(Failure) {
      guard let fact = try outcomeAtOnce(of: order) else { return false }
      inbox.put(.fact(order.run, fact))
    } catch {
      order.failed(error).map { inbox.put(.fact(order.run, $0)) }
    }
    return true
  }

  private func outcomeAtOnce(of order: WorkOrder) throws(Failure) -> Fact? {
    switch order.effect.work {
    case .measure(_, let metric):
      let asked = order.plan.pipeline.metrics[metric]
      guard asked.fallback == nil, let provider = providers[asked.provider] else { return nil }
      return try measureAtOnce(order, metric, by: provider)
    case .setWeight(let route, let weight):
      guard let router = routers[order.plan.routes[route].router] else { return nil }
      try router.set(change(order, route, weight))
      return .shifted(order.effect.id)
    case .setMirror, .setHeaderRoute, .deploy, .retire, .check, .switchOff, .cancelCheck, .step, .cancelStep: return nil
    }
  }

  func answer(_ errand: Errand) async -> Inbound? {
    switch errand {
    case .forget(let key):
      await backends.checks.forget(key)
      return nil
    case .forgetStep(let key, let runner):
      await endStep(key, of: runner)
      return nil
    case .look(let look): return await drift(look).map { .fact(look.run, $0) }
    case .effect(let order):
      do throws(Failure) {
        return try await outcome(of: order).map { .fact(order.run, $0) }
      } catch {
        return order.failed(error).map { .fact(order.run, $0) }
      }
    }
  }

  func report(_ answer: Inbound?, to errand: Errand) { answer.map(inbox.put) }

  func giveUp(_ errand: Errand, after deadline: Interval) {
    guard case .effect(let order) = errand else { return }
    let fact = order.failed(Failure(.transient, "no answer within \(deadline)"))
    fact.map { inbox.put(.fact(order.run, $0)) }
  }

  private func outcome(of order: WorkOrder) async throws(Failure) -> Fact? {
    switch order.effect.work {
    case .measure(_, let metric): try await measure(order, metric)
    case .setWeight(let route, let weight): try await setWeight(order, route, weight)
    case .setMirror(let route, let share): try await setMirror(order, route, share)
    case .setHeaderRoute(let route, let header): try await setHeaderRoute(order, route, header)
    case .step(let stage): try await step(order, stage)
    case .cancelStep(let id, let stage): await cancelStep(order, id, stage)
    case .deploy(let stage, let arm): try await deploy(order, stage, arm)
    case .retire(let stage, let arm): try await retire(order, stage, arm)
    case .check(let stage): try await check(order, stage)
    case .switchOff: throw Failure(.misconfigured, "flags are not switched off by backends")
    case .cancelCheck: await cancelCheck(order)
    }
  }
}

extension WorkOrder {
  /// What a run is told when an effect came to nothing; `nil` where it awaits no answer.
  fileprivate func failed(_ failure: Failure) -> Fact? {
    switch effect.work {
    case .measure: .measured(effect.id, .failure(failure))
    case .setWeight, .setMirror, .setHeaderRoute, .deploy, .retire, .check, .switchOff, .step:
      .failed(effect.id, failure)
    case .cancelCheck, .cancelStep: nil
    }
  }
}
