import Glibc
package import PipelineModel
package import PluginKit
import Synchronization

/// Runs plugins as processes of their own, one for each backend that is configured, and presents them as ports.
package final class PluginHost: Sendable {
  private let connections = Mutex<[PluginConnection]>([])
  private let listener: PluginConnection.Listener?

  package convenience init() { self.init(listener: nil) }

  init(listener: PluginConnection.Listener?) {
    self.listener = listener
    ignoreBrokenPipes()
  }

  package func providers(of plugins: [InstalledPlugin]) -> [BackendFactory<any MetricProvider>] {
    factories(.metrics, of: plugins) { PluginProvider(connection: $0) }
  }

  package func routers(of plugins: [InstalledPlugin]) -> [BackendFactory<any TrafficRouter>] {
    factories(.traffic, of: plugins) { connection in
      let can = connection.kind.capabilities(with: connection.backend.settings)
      let isPlain = can.isDisjoint(with: [.mirror, .headerRoute])
      return isPlain ? PluginRouter(connection: connection) : PluginExtrasRouter(connection: connection, can: can)
    }
  }

  package func deployers(of plugins: [InstalledPlugin]) -> [BackendFactory<any Deployer>] {
    factories(.deployment, of: plugins) { PluginDeployer(connection: $0) }
  }

  package func notifiers(of plugins: [InstalledPlugin]) -> [BackendFactory<any Notifier>] {
    factories(.notification, of: plugins) { PluginNotifier(connection: $0) }
  }

  package func runners(of plugins: [InstalledPlugin]) -> [BackendFactory<any StepRunner>] {
    factories(.step, of: plugins) { PluginStepRunner(connection: $0) }
  }

  /// Ends every process, the stubborn by force after two seconds. Calls that are under way fail; so do all later ones.
  package func close() async {
    let connections = connections.withLock { $0 }
    await withTaskGroup { group in
      for connection in connections { group.addTask { await connection.close() } }
    }
  }

  private func factories<Port>(
    _ port: BackendKind.Port, of plugins: [InstalledPlugin], _ present: @escaping @Sendable (PluginConnection) -> Port
  ) -> [BackendFactory<Port>] {
    plugins.flatMap { plugin in
      plugin.manifest.kinds.map(\.kind).filter { $0.port == port }.map { kind in
        BackendFactory(kind: kind) { [self] backend, context throws(Failure) in
          // And again before each start.
          try plugin.verifyChecksum()
          let connection = PluginConnection(plugin, kind: kind, backend: backend, context: context, listener: listener)
          connections.withLock { $0.append(connection) }
          return present(connection)
        }
      }
    }
  }
}

/// A program that has ended is found out by its answer that does not come; writing to it must not end us.
func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
