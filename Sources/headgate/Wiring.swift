import ALBPlugin
import AlertmanagerPlugin
import CaddyPlugin
import CloudWatchPlugin
import CommandPlugin
import Commands
import Controller
import Engine
import EnvoyPlugin
import FilePlugin
import Foundation
import GraphitePlugin
import HAProxyPlugin
import HTTPPlugin
import InfluxDBPlugin
import KubernetesPlugin
import NginxPlugin
import PipelineModel
import PluginHost
import PluginKit
import PrometheusPlugin
import SMTPPlugin
import SQLPlugin
import SimulatedPlugin
import WebhookPlugin

/// The composition root: the only place that knows every backend.
enum Wiring {
  private static let providers: [BackendFactory<any MetricProvider>] = [
    .prometheus, .http, .file, .command, .haproxy, .graphite, .influxdb, .cloudwatch, .sqlite, .postgresql,
    .envoy,
  ]
  private static let routers: [BackendFactory<any TrafficRouter>] = [
    .haproxy, .nginx, .envoy, .caddy, .kubernetes, .alb, .command,
  ]
  private static let deployers: [BackendFactory<any Deployer>] = [.command, .process, .systemd, .kubernetes]
  private static let notifiers: [BackendFactory<any Notifier>] = [.webhook, .alertmanager, .smtp, .command]

  static let workshop = Workshop(
    kinds: providers.map(\.kind) + routers.map(\.kind) + deployers.map(\.kind) + notifiers.map(\.kind),
    backends: { installation, surroundings in
      let context = BackendContext(
        secret: SecretReader(installation.secrets, besides: surroundings.baseDirectory).read,
        stateDirectory: surroundings.stateDirectory,
        baseDirectory: surroundings.baseDirectory, now: surroundings.now)
      let host = PluginHost()
      let plugins = installation.plugins
      let guarded = Guarding(now: surroundings.now)
      var maker = BackendMaker(context: context)
      var backends = Backends(
        providers: guarded.providers(
          maker.make(installation.providers, .metrics, by: providers + host.providers(of: plugins)),
          of: installation.providers),
        routers: guarded.routers(
          maker.make(installation.routers, .traffic, by: routers + host.routers(of: plugins)),
          of: installation.routers),
        deployers: guarded.deployers(
          maker.make(installation.deployers, .deployment, by: deployers + host.deployers(of: plugins)),
          of: installation.deployers),
        notifiers: guarded.notifiers(
          maker.make(installation.notifiers, .notification, by: notifiers + host.notifiers(of: plugins)),
          of: installation.notifiers),
        runners: guarded.runners(
          maker.make(installation.runners, .step, by: host.runners(of: plugins)), of: installation.runners),
        checks: CommandCheckRunner(root: "\(surroundings.stateDirectory)/checks"), close: { await host.close() })
      backends.broken = maker.broken
      backends.limits = guarded.limits(of: installation.providers)
      backends.health = guarded.board
      backends.notify = installation.notify
      backends.changes = installation.changes
      backends.overrides = installation.overrides
      backends.signing = Signing(installation, baseDirectory: surroundings.baseDirectory)
      return backends
    },
    faults: { faults(of: $0, $1) },
    simulated: { scenario, plan, surroundings in
      let world = SharedWorld(scenario, plan: plan, now: surroundings.now)
      return Backends(
        providers: named(plan.pipeline.metrics.flatMap(\.providers)) { _ in SimulatedProvider(world) },
        routers: named(plan.routes.map(\.router)) { SimulatedRouter($0, world) },
        deployers: named(plan.pipeline.stages.compactMap(\.deployer)) { SimulatedDeployer($0, world) },
        runners: named(plan.pipeline.runners) { SimulatedRunner($0, world) }, checks: SimulatedChecks(world))
    },
    plugins: PluginTools(
      checksum: { folder throws(Failure) in try FolderChecksum(of: folder).hex },
      check: { plugin, patience, report in
        await PluginCheck(plugin, patience: patience).run {
          report(.init(kind: $0.kind, promise: $0.promise, complaints: $0.complaints))
        }
      }),
    secret: { name, installation, folder throws(Failure) in
      try await SecretReader(installation.secrets, besides: folder).read(name)
    })

  /// What is wrong with a backend, of a router with each route by itself too.
  private static func faults(of backend: Backend, _ port: BackendKind.Port) -> [String] {
    guard let first = fault(of: backend, port) else { return [] }
    let routes = backend.settings.map("routes")?.values ?? [:]
    let others = routes.sorted { $0.key < $1.key }.compactMap { name, route in
      var alone = backend
      alone.settings.values["routes"] = .map(Settings([name: route]))
      return fault(of: alone, port)
    }
    return others.reduce(into: [first]) { told, other in if !told.contains(other) { told.append(other) } }
  }

  /// Makes the backend as if it were to be used, and lets it go. Those of plugins are known by their schema alone.
  private static func fault(of backend: Backend, _ port: BackendKind.Port) -> String? {
    var context = BackendContext(
      secret: { name throws(Failure) in throw Failure(.misconfigured, "secret \"\(name)\" is not read here") },
      stateDirectory: ".", baseDirectory: ".", now: { .wall })
    context.onlyChecks = true
    return switch port {
    case .metrics: fault(of: backend, providers, context)
    case .traffic: fault(of: backend, routers, context)
    case .deployment: fault(of: backend, deployers, context)
    case .notification: fault(of: backend, notifiers, context)
    case .step: nil
    }
  }

  private static func fault<Port>(
    of backend: Backend, _ factories: [BackendFactory<Port>], _ context: BackendContext
  ) -> String? {
    guard let factory = factories.first(where: { $0.kind.name == backend.kind }) else { return nil }
    do throws(Failure) {
      _ = try factory.make(backend, context)
      return nil
    } catch {
      return error.message
    }
  }

  private static func named<Port>(_ names: [String], _ make: (String) -> Port) -> [String: Port] {
    Dictionary(names.map { ($0, make($0)) }) { first, _ in first }
  }
}
