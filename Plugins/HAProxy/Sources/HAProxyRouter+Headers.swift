import PipelineModel
import PluginKit

extension HAProxyRouter: HeaderRouter {
  func setHeaderRoute(_ change: HeaderRouteChange) async throws(Failure) {
    let attempt = "could not change the header route of \(name)/\(change.route)"
    let map = try headerMap(of: change.route, attempt)
    if let rule = change.rule, let refusal = map.refusal(of: rule) {
      throw Failure(.rejected, "\(attempt): \(refusal)")
    }
    if try await isSet(map, change.rule, attempt) { return }
    let answer = try await ask(map.settingCommand(change.rule), attempt)
    guard answer.isEmpty else { throw Failure(.rejected, "\(attempt): haproxy answered \"\(oneLine(answer))\"") }
    guard try await rule(of: map, attempt) == change.rule else {
      throw Failure(.transient, "\(attempt): haproxy took it, and has another rule")
    }
  }

  /// A map with lines of somebody else's is refused, but not when it is to be emptied: a rollback must come to its end.
  private func isSet(_ map: HAProxyHeaderMap, _ wanted: HeaderRoute?, _ attempt: String) async throws(Failure) -> Bool {
    do throws(Failure) {
      return try await rule(of: map, attempt) == wanted
    } catch {
      guard wanted == nil, error.kind == .rejected else { throw error }
      return false
    }
  }

  func headerRoute(on route: String) async throws(Failure) -> HeaderRoute? {
    let attempt = "could not read the header route of \(name)/\(route)"
    return try await rule(of: try headerMap(of: route, attempt), attempt)
  }

  private func rule(of map: HAProxyHeaderMap, _ attempt: String) async throws(Failure) -> HeaderRoute? {
    let answer = try await ask(map.readingCommand, attempt)
    do throws(Failure) {
      return try map.rule(in: answer)
    } catch {
      throw error.told("\(attempt): \(error.message)")
    }
  }

  private func headerMap(of route: String, _ attempt: String) throws(Failure) -> HAProxyHeaderMap {
    _ = try self.route(route)
    if let map = headers[route] { return map }
    throw Failure(.rejected, "\(attempt): the route has no `headers`, a map that haproxy's configuration looks up")
  }
}
