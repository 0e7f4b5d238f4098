import PipelineModel
import PluginKit

/// Moves traffic by HAProxy's runtime API, and asks after each change what HAProxy does now.
///
/// HAProxy forgets what was set here when it is reloaded, unless it is kept in HAProxy's files; `weight(of:on:)` then shows
/// it. While a reload is under way the
/// old worker may still be the one that takes a change and answers for it; the next reading shows that too.
struct HAProxyRouter: TrafficRouter {
  var name: String
  var socket: RuntimeSocket
  var routes: [String: HAProxyRoute]
  /// Of routes that have one.
  var headers: [String: HAProxyHeaderMap] = [:]
  var keeping: HAProxyKeeping

  func setWeight(_ change: WeightChange) async throws(Failure) {
    let route = try route(change.route)
    let real = route.nearest(to: change.weight)
    let attempt = "could not set the weight of \(name)/\(change.route) to \(change.weight)"
    if let refusal = route.refusal(of: change.weight) { throw Failure(.rejected, "\(attempt): \(refusal)") }
    let answer = try await ask(route.settingCommand(change.weight, candidate: change.candidate), attempt)
    guard answer.isEmpty else { throw Failure(.rejected, "\(attempt): haproxy answered \"\(oneLine(answer))\"") }
    let found = try await read(route, change.candidate, attempt)
    guard found == real else {
      let given = found?.description ?? "no server any weight"
      throw Failure(.transient, "\(attempt): haproxy took it, and gives \(given)")
    }
    do throws(Failure) {
      try await keeping.keep(route, change.weight, candidate: change.candidate, asking: socket)
    } catch {
      // The traffic is back: a rollback must not hang on a full disk. After a reload, reading shows what was lost.
      if change.weight == .none { return }
      // A reload would bring back what was kept before, so it is not done.
      throw error.told("\(attempt): it is set, and a reload would lose it: \(error.message)")
    }
  }

  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    // With both weights 0 the candidate has nothing, and who looks for lost weights will see that.
    try await read(try self.route(route), candidate, "could not read the weight of \(name)/\(route)") ?? Weight.none
  }

  func nearest(to weight: Weight, on route: String) -> Weight { routes[route]?.nearest(to: weight) ?? weight }

  private func read(_ route: HAProxyRoute, _ candidate: Slot, _ attempt: String) async throws(Failure) -> Weight? {
    let answer = try await ask(route.readingCommand(candidate: candidate), attempt)
    do throws(Failure) {
      return try route.weight(in: answer, candidate: candidate)
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  func ask(_ line: String, _ attempt: String) async throws(Failure) -> String {
    do throws(Failure) {
      return try await socket.ask(line)
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  func route(_ route: String) throws(Failure) -> HAProxyRoute {
    if let found = routes[route] { return found }
    let known = routes.keys.sorted().joined(separator: ", ")
    throw Failure(.rejected, "router \(name) has no route \"\(route)\"; it has \(known.isEmpty ? "none" : known)")
  }
}
