import PipelineModel
package import PluginKit

/// The backends of an installation, by the names pipelines use.
package struct Backends: Sendable {
  package var providers: [String: any MetricProvider]
  package var routers: [String: any TrafficRouter]
  package var deployers: [String: any Deployer]
  package var checks: any CheckRunner
  /// Ends what the backends keep running for themselves; they are not used afterwards.
  package var close: @Sendable () async -> Void

  package init(
    providers: [String: any MetricProvider] = [:], routers: [String: any TrafficRouter] = [:],
    deployers: [String: any Deployer] = [:], checks: any CheckRunner,
    close: @escaping @Sendable () async -> Void = {}
  ) {
    self.providers = providers
    self.routers = routers
    self.deployers = deployers
    self.checks = checks
    self.close = close
  }

  func provider(_ name: String) throws(Failure) -> any MetricProvider {
    guard let provider = providers[name] else { throw Self.missing("provider", name, providers.keys) }
    return provider
  }

  func router(_ name: String) throws(Failure) -> any TrafficRouter {
    guard let router = routers[name] else { throw Self.missing("router", name, routers.keys) }
    return router
  }

  func deployer(_ name: String) throws(Failure) -> any Deployer {
    guard let deployer = deployers[name] else { throw Self.missing("deployer", name, deployers.keys) }
    return deployer
  }

  private static func missing(_ what: String, _ name: String, _ known: some Collection<String>) -> Failure {
    let list = known.isEmpty ? "none are configured" : "configured: \(known.sorted().joined(separator: ", "))"
    return Failure(.misconfigured, "no \(what) \"\(name)\" in headgate.yaml; \(list)")
  }
}
