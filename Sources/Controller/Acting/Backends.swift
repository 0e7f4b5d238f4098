package import PipelineModel
package import PluginKit

/// The backends of an installation, by the names pipelines use.
package struct Backends: Sendable {
  package var providers: [String: any MetricProvider]
  package var routers: [String: any TrafficRouter]
  package var deployers: [String: any Deployer]
  package var notifiers: [String: any Notifier]
  package var runners: [String: any StepRunner]
  package var checks: any CheckRunner
  /// Ends what the backends keep running for themselves; they are not used afterwards.
  package var close: @Sendable () async -> Void
  /// Who is told of the runs of every pipeline.
  package var notify: [Subscription] = []
  /// The roles that may claim a kind of change for a run.
  package var changes: [ChangeKind: [String]] = [:]
  /// The roles that may promote a run past its gates; `nil`: anybody may, with a reason.
  package var overrides: [String]?
  /// How calls to a provider are bounded, where it is not as usual.
  package var limits: [String: CallLimits] = [:]
  /// Where those that guard the backends post what became of them.
  package var health = HealthBoard()
  /// What signs for the journal; `nil`: nobody does.
  package var signing: Signing?
  /// Why backends that headgate.yaml names are not among them.
  package var broken: [BackendKind.Port: [String: String]] = [:]

  package init(
    providers: [String: any MetricProvider] = [:], routers: [String: any TrafficRouter] = [:],
    deployers: [String: any Deployer] = [:], notifiers: [String: any Notifier] = [:],
    runners: [String: any StepRunner] = [:], checks: any CheckRunner,
    close: @escaping @Sendable () async -> Void = {}
  ) {
    self.providers = providers
    self.routers = routers
    self.deployers = deployers
    self.notifiers = notifiers
    self.runners = runners
    self.checks = checks
    self.close = close
  }

  func limits(of provider: String) -> CallLimits { limits[provider] ?? CallLimits() }

  func provider(_ name: String) throws(Failure) -> any MetricProvider {
    guard let provider = providers[name] else { throw missing("provider", name, .metrics, providers.keys) }
    return provider
  }

  func router(_ name: String) throws(Failure) -> any TrafficRouter {
    guard let router = routers[name] else { throw missing("router", name, .traffic, routers.keys) }
    return router
  }

  func deployer(_ name: String) throws(Failure) -> any Deployer {
    guard let deployer = deployers[name] else { throw missing("deployer", name, .deployment, deployers.keys) }
    return deployer
  }

  /// Asks a provider for a series, past the gates: the last `range.over` before `at`, one number every `range.step`.
  package func series(
    of provider: String, _ metric: String, _ text: String, _ range: Metric.Range, at: Timestamp
  ) async throws(Failure) -> Answer {
    try await self.provider(provider).sample(
      MetricQuery(
        metric: metric, text: text, range: range, at: at, timeout: limits(of: provider).timeout, interval: range.step))
  }

  func runner(_ name: String) throws(Failure) -> any StepRunner {
    guard let runner = runners[name] else { throw missing("runner", name, .step, runners.keys) }
    return runner
  }

  /// Tells a notice now, past the outbox.
  package func tell(_ notice: Notice, by name: String) async throws(Failure) {
    guard let notifier = notifiers[name] else { throw missing("notifier", name, .notification, notifiers.keys) }
    try await notifier.send(notice)
  }

  private func missing(
    _ what: String, _ name: String, _ port: BackendKind.Port, _ known: some Collection<String>
  ) -> Failure {
    if let reason = broken[port]?[name] {
      return Failure(.misconfigured, "the \(what) \"\(name)\" cannot be used: \(reason)")
    }
    let list = known.isEmpty ? "none are configured" : "configured: \(known.sorted().joined(separator: ", "))"
    return Failure(.misconfigured, "no \(what) \"\(name)\" in headgate.yaml; \(list)")
  }
}

/// How many calls to a backend may be under way, and how long one may take.
package struct CallLimits: Hashable, Sendable {
  package var atOnce: Int
  /// Of one try.
  package var timeout: Interval
  /// Of a call with all that is done to get an answer.
  package var deadline: Interval

  package init(atOnce: Int = 16, timeout: Interval = .seconds(10), deadline: Interval = .seconds(10)) {
    self.atOnce = atOnce
    self.timeout = timeout
    self.deadline = deadline
  }
}
