import Controller
import PipelineModel
import PluginKit
import Resilience

/// Puts a guard before each backend, as `headgate.yaml` wants it.
struct Guarding {
  let board = HealthBoard()
  private let time: Time

  init(now: @escaping @Sendable () -> Timestamp) { time = .real(now: now) }

  /// A fallback is asked through its own guard; a fallback of the fallback is not asked.
  func providers(
    _ made: [String: any MetricProvider], of backends: [Backend]
  ) -> [String: any MetricProvider] {
    let guards = guards(of: backends, .metrics)
    let alone = made.mapping { name, provider in
      guards[name].map { ResilientProvider(provider, behind: $0) } ?? provider
    }
    return made.mapping { name, provider in
      let fallback = backends.first { $0.name == name }?.fallback
      guard let gate = guards[name], let fallback, let other = alone[fallback] else { return alone[name] ?? provider }
      return ResilientProvider(provider, behind: gate, fallback: (fallback, other))
    }
  }

  func routers(_ made: [String: any TrafficRouter], of backends: [Backend]) -> [String: any TrafficRouter] {
    let guards = guards(of: backends, .traffic)
    return made.mapping { name, router in guards[name].map { ResilientRouter(router, behind: $0) } ?? router }
  }

  func deployers(_ made: [String: any Deployer], of backends: [Backend]) -> [String: any Deployer] {
    let guards = guards(of: backends, .deployment)
    return made.mapping { name, deployer in guards[name].map { ResilientDeployer(deployer, behind: $0) } ?? deployer }
  }

  func notifiers(_ made: [String: any Notifier], of backends: [Backend]) -> [String: any Notifier] {
    let guards = guards(of: backends, .notification)
    return made.mapping { name, notifier in guards[name].map { ResilientNotifier(notifier, behind: $0) } ?? notifier }
  }

  func runners(_ made: [String: any StepRunner], of backends: [Backend]) -> [String: any StepRunner] {
    let guards = guards(of: backends, .step)
    return made.mapping { name, runner in guards[name].map { ResilientStepRunner(runner, behind: $0) } ?? runner }
  }

  /// What the controller gives a provider: its guard's deadline, and that of the fallback after it.
  func limits(of providers: [Backend]) -> [String: CallLimits] {
    let own = providers.map { ($0, $0.resilience ?? .standard(of: .metrics)) }
    let deadlines = Dictionary(own.map { ($0.name, $1.deadline) }) { first, _ in first }
    let limits = own.map { backend, policy in
      let then = backend.fallback.flatMap { deadlines[$0] } ?? .zero
      return (
        backend.name,
        CallLimits(atOnce: policy.atOnce, timeout: policy.timeout, deadline: policy.deadline + then)
      )
    }
    return Dictionary(limits) { first, _ in first }
  }

  private func guards(of backends: [Backend], _ port: BackendKind.Port) -> [String: BackendGuard] {
    let guards = backends.map { ($0.name, BackendGuard($0, port, time: time, board: board)) }
    return Dictionary(guards) { first, _ in first }
  }
}

extension Dictionary {
  fileprivate func mapping(_ transform: (Key, Value) -> Value) -> [Key: Value] {
    Dictionary(uniqueKeysWithValues: map { ($0.key, transform($0.key, $0.value)) })
  }
}
