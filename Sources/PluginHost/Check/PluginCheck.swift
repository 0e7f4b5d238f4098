import Conformance
import Foundation
package import PipelineModel
import PluginKit

/// Tries every promise of the plugin protocol on a plugin, ours or a stranger's, with what its plugin.yaml gives to try it.
package struct PluginCheck: Sendable {
  /// How one promise of one kind stood the trial.
  package struct Finding: Sendable {
    package var kind: String
    package var promise: String
    /// Empty: it is kept.
    package var complaints: [String]
  }

  private let plugin: InstalledPlugin
  /// A folder of its own, gone afterwards.
  private let scratch: String

  private let farewell: Interval

  package init(_ plugin: InstalledPlugin) { self.init(plugin, farewell: .seconds(2)) }

  /// - Parameter farewell: how long the program may take to end when it is asked to.
  init(_ plugin: InstalledPlugin, farewell: Interval) {
    self.plugin = plugin
    self.farewell = farewell
    scratch = "\(FileManager.default.temporaryDirectory.path)/headgate-check-\(UUID().uuidString)"
    ignoreBrokenPipes()
  }

  /// Reports promise by promise, in order.
  package func run(_ report: @Sendable (Finding) -> Void) async {
    // Relative paths lead into a copy: what a trial writes must not change the folder.
    try? FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try? FileManager.default.copyItem(atPath: plugin.directory, toPath: "\(scratch)/base")
    for kind in plugin.manifest.kinds {
      let trial = KindTrial(
        plugin, kind, base: "\(scratch)/base", state: "\(scratch)/\(kind.kind.name)", farewell: farewell)
      for promise in trial.promises {
        let complaints = await promise.complaints()
        report(Finding(kind: kind.kind.name, promise: promise.name, complaints: complaints))
        // Nothing else can be tried on what does not start.
        if promise.name == KindTrial.starting, !complaints.isEmpty { break }
      }
      await trial.end()
    }
    try? FileManager.default.removeItem(atPath: scratch)
  }
}

/// The trial of one kind, with a process of its own and a second one for what must survive a restart.
struct KindTrial {
  static let starting = "it starts, and answers initialize as plugin.yaml says"

  let plugin: InstalledPlugin
  let kind: BackendKind
  let trial: PluginTrial?
  let connection: PluginConnection
  let restarted: PluginConnection
  /// A made-up value for each secret that the settings name.
  let secrets: [String: String]

  init(_ plugin: InstalledPlugin, _ kind: PluginKind, base: String, state: String, farewell: Interval) {
    self.plugin = plugin
    self.kind = kind.kind
    trial = kind.trial
    let settings = kind.trial?.settings ?? Settings()
    let secrets = Dictionary(
      uniqueKeysWithValues: settings.secretNames.map { ($0, "made-up-\(UUID().uuidString)") })
    self.secrets = secrets
    let context = BackendContext(
      secret: { name throws(Failure) in secrets[name] ?? "" }, stateDirectory: state, baseDirectory: base,
      now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) })
    let backend = Backend(name: "check", kind: kind.kind.name, settings: settings)
    connection = PluginConnection(plugin, kind: kind.kind, backend: backend, context: context, farewell: farewell)
    restarted = PluginConnection(plugin, kind: kind.kind, backend: backend, context: context, farewell: farewell)
  }

  var promises: [Promise] { conversation + port + leaving }

  func end() async {
    await connection.close()
    await restarted.close()
  }

  /// What the port of the kind promises.
  private var port: [Promise] {
    switch kind.port {
    case .metrics: sampling
    case .traffic: routing
    case .deployment: deploying
    case .notification: notifying
    case .step: stepping
    }
  }

  private func missing(_ key: String, _ consequence: String = "its port was not tried") -> [Promise] {
    [
      Promise("plugin.yaml says with what to try it") {
        ["its kind \(kind.name) has no `check: { \(key): … }`, so \(consequence)"]
      }
    ]
  }

  private var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

  private var sampling: [Promise] {
    guard let trial, !trial.queries.isEmpty else { return missing("queries") }
    let ask = { (text: String) in MetricQuery(metric: "check", text: text, at: now, timeout: .seconds(10)) }
    return ProviderHarness(
      provider: PluginProvider(connection: connection),
      cases: trial.queries.map { .init(ask($0), .any) }
        + (trial.badQuery.map { [.init(ask($0), .failure(.rejected))] } ?? []),
      secrets: Array(secrets.values)
    ).promises
  }

  private var routing: [Promise] {
    guard let trial, let route = trial.route else { return missing("route") }
    let can = kind.capabilities(with: trial.settings)
    let router = PluginExtrasRouter(connection: connection, can: can)
    let unknown = kind.routeSettings == nil ? nil : "no-such-route"
    let weights = RouterHarness(
      router: router, route: route, unknownRoute: unknown, capabilities: can, secrets: Array(secrets.values))
    let headers = HeaderRouterHarness(
      router: router, route: route, unknownRoute: unknown, splits: can.contains(.partialWeights))
    return weights.promises
      + (can.contains(.mirror) ? MirroringHarness(router: router, route: route).promises : [])
      + (can.contains(.headerRoute) ? headers.promises : [])
  }

  private var stepping: [Promise] {
    guard let trial, let passing = trial.passing else { return missing("passing") }
    let run = UUID().uuidString.lowercased()
    var wrong: [Promise] = []
    func request(_ name: String, _ trial: PluginStepTrial) -> StepRequest {
      let schema = kind.steps.first { $0.name == trial.step }?.with ?? SettingsSchema([])
      var with = Settings()
      do throws(UnitMistake) {
        with = try schema.settings(of: trial.with) { $0.source }
      } catch {
        let message = error.message
        wrong.append(Promise("`check: { \(name) }` of plugin.yaml is what its step takes") { [message] in [message] })
      }
      return StepRequest(
        step: trial.step, stage: "check", key: "\(run)-\(name)", with: with,
        values: ["version": "1", "service": "check"],
        timeout: .minutes(10))
    }
    let harness = StepHarness(
      runner: PluginStepRunner(connection: connection, asksForAnything: true),
      restarted: PluginStepRunner(connection: restarted, asksForAnything: true),
      passing: request("passing", passing), failing: trial.failing.map { request("failing", $0) },
      slow: trial.slow.map { request("slow", $0) }, secrets: Array(secrets.values))
    if trial.failing == nil {
      wrong += missing("failing", "whether it tells a failure was not tried; give a step that fails")
    }
    if trial.slow == nil {
      wrong += missing("slow", "`step.cancel` was not tried; give a step that would go on for minutes")
    }
    return wrong + harness.promises
  }

  private var deploying: [Promise] {
    guard let trial, let version = trial.version else { return missing("version") }
    let run = UUID().uuidString
    let deployment = { (version: String) in
      Deployment(service: "check", environment: "check", version: version, slot: .green, key: "\(run)-\(version)")
    }
    return DeployerHarness(
      deployer: PluginDeployer(connection: connection), restarted: PluginDeployer(connection: restarted),
      good: deployment(version), bad: trial.badVersion.map(deployment), secrets: Array(secrets.values)
    ).promises
  }

  private var notifying: [Promise] {
    let notice = Notice(
      key: "check-\(UUID().uuidString)", thread: "check", event: .test, pipeline: "check", service: "check",
      environment: "check", version: "1", time: now, title: "headgate plugin check tries this notifier",
      fields: [.init(name: "a field", value: "a value")])
    return NotifierHarness(
      notifier: PluginNotifier(connection: connection), notice: notice, secrets: Array(secrets.values)
    ).promises
  }
}
