import PipelineModel
import PluginKit

extension EnvoyRouter {
  /// Changes the file, and waits until Envoy runs what is in it.
  ///
  /// - Returns: the route configuration as Envoy runs it then.
  func change(_ route: EnvoyRoute, _ file: WholeFile, _ configuration: String?, by edit: EnvoyEdit)
    async throws(Failure) -> EnvoyDump.Configuration
  {
    let change = try EnvoyRouteFile(file, configuration: configuration, route: route, edit: edit)
    let refusals = try await admin.refusals(of: change.configuration)
    guard let running = try await admin.configuration(change.configuration) else {
      throw try await notRun(change.configuration, file)
    }
    if change.old != change.new || running.version != change.version { try file.replace(with: change.new) }
    do throws(Failure) {
      return try await changed(change, refusals)
    } catch {
      // What it refuses must not be found by an Envoy that is started later.
      if error.kind == .rejected { try file.replace(with: change.old) }
      throw error
    }
  }

  /// The route configuration as Envoy runs it.
  func running(_ route: EnvoyRoute, _ file: WholeFile, _ configuration: String?) async throws(Failure)
    -> EnvoyDump.Configuration
  {
    let named = try name(of: configuration, in: file, route)
    guard let running = try await admin.configuration(named) else { throw try await notRun(named, file) }
    return running
  }

  static func green(in running: EnvoyDump.Configuration, of route: EnvoyRoute) throws(Failure) -> Weight? {
    guard let split = running.splits.first(where: { $0.splits(route) }) else { throw noSplit(route, "there") }
    return try split.green(of: route)
  }

  private func name(of configuration: String?, in file: WholeFile, _ route: EnvoyRoute) throws(Failure) -> String {
    if let configuration { return configuration }
    return try EnvoyRouteFile(file, configuration: nil, route: route, edit: .weights(green: .none)).configuration
  }

  private func changed(_ change: EnvoyRouteFile, _ refusals: Int) async throws(Failure) -> EnvoyDump.Configuration {
    let end = ContinuousClock.now + .milliseconds(patience.milliseconds)
    while true {
      if let running = try await admin.configuration(change.configuration), running.version == change.version {
        return running
      }
      guard try await admin.refusals(of: change.configuration) == refusals else {
        throw Failure(.rejected, "envoy refuses the routes with it; its log says why")
      }
      guard ContinuousClock.now < end, !Task.isCancelled else {
        throw Failure(
          .transient,
          "the file is changed, and after \(patience) envoy still runs its routes of before; does it watch the folder?")
      }
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  private func notRun(_ configuration: String, _ file: WholeFile) async throws(Failure) -> Failure {
    try await admin.checkLive()
    return Failure(
      .misconfigured, "envoy runs no route configuration \"\(configuration.excerpt(60))\"; does it read \(file.path)?")
  }
}
