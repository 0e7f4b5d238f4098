import PipelineModel
import PluginKit

/// Moves traffic by writing a file of nginx's configuration and having nginx read it.
///
/// nginx answers nothing to a reload, and one that it refuses leaves the old configuration at work. So each file also has
/// nginx tell which text it runs, and a change is done when nginx tells the new one, to every new connection. A reload
/// that somebody else asks for changes nothing, since the weight is in the configuration.
struct NginxRouter: TrafficRouter {
  var name: String
  var routes: [String: NginxRoute]
  var folder: NginxFolder
  var program: NginxProgram
  var status: NginxStatus
  /// Longest from the reload until nginx runs the new configuration.
  var patience: Interval
  /// One change after the other: two files changed at once would be tested together.
  var turn = Turn()

  func setWeight(_ change: WeightChange) async throws(Failure) {
    let attempt = "could not set the weight of \(name)/\(change.route) to \(change.weight)"
    let route = try route(change.route)
    guard (0...10_000).contains(change.weight.basisPoints) else {
      throw Failure(.rejected, "\(attempt): a weight is from 0% to 100%")
    }
    let green = Self.green(change.weight, of: change.candidate)
    try await edit(route, change.route, attempt) { $0.green = green }
  }

  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    _ = try self.route(route)
    do throws(Failure) {
      return Self.green(try await status.running(route).wish.green, of: candidate)
    } catch {
      throw error.told("could not read the weight of \(name)/\(route): \(error.message)")
    }
  }

  /// The share of green when the slot has `weight`, and the other way round.
  private static func green(_ weight: Weight, of slot: Slot) -> Weight {
    slot == .green ? weight : Weight(basisPoints: 10_000 - weight.basisPoints)
  }

  func route(_ route: String) throws(Failure) -> NginxRoute {
    if let found = routes[route] { return found }
    let known = routes.keys.sorted().joined(separator: ", ")
    throw Failure(.rejected, "router \(name) has no route \"\(route)\"; it has \(known.isEmpty ? "none" : known)")
  }
}

extension NginxRouter {
  /// Changes what the route's file says, and leaves all else that it says.
  func edit(
    _ route: NginxRoute, _ name: String, _ attempt: String, _ edit: @escaping @Sendable (inout NginxWish) -> Void
  ) async throws(Failure) {
    try await turn.take { () async throws(Failure) in
      do throws(Failure) {
        let old = try folder.file(of: name).text()
        var wish = old.flatMap { NginxRoute.wish(in: $0) } ?? NginxWish()
        edit(&wish)
        try await install(route.fragment(of: name, wish, status: status.address), over: old, name)
      } catch {
        throw error.told("\(attempt): \(error.message)")
      }
    }
  }

  private func install(_ fragment: NginxFragment, over old: String?, _ route: String) async throws(Failure) {
    if old == fragment.text, await runs(fragment, route) { return }
    try folder.file(of: route).replace(with: fragment.text)
    try await check(old, route)
    let reload = try await program.run(program.reload)
    guard reload.status == 0 else {
      throw Failure(.transient, "the reload ended with \(reload.status): \(reload.complaint)")
    }
    try await confirm(fragment, route)
  }

  /// Whether every worker tells this text already; what cannot be asked does not.
  private func runs(_ fragment: NginxFragment, _ route: String) async -> Bool {
    for _ in 0..<Self.confirmations {
      do throws(Failure) {
        guard try await status.running(route).generation == fragment.generation else { return false }
      } catch {
        return false
      }
      try? await Task.sleep(for: Self.pause)
    }
    return true
  }

  /// Has nginx look at its whole configuration, and puts the old file back when it finds a mistake.
  private func check(_ old: String?, _ route: String) async throws(Failure) {
    let result: NginxProgram.Result
    do throws(Failure) {
      result = try await program.run(program.test)
    } catch {
      try folder.file(of: route).replace(with: old)
      throw error
    }
    if result.status == 0 { return }
    try folder.file(of: route).replace(with: old)
    let before = try await program.run(program.test)
    guard before.status == 0 else {
      throw Failure(.misconfigured, "nginx's configuration has a mistake that is not Headgate's: \(before.complaint)")
    }
    throw Failure(.rejected, "nginx refuses the configuration with it: \(result.complaint)")
  }

  /// Old workers take connections for some 100 ms after the new ones began, so it is asked over and over.
  private static let confirmations = 8
  private static let pause = Duration.milliseconds(40)

  private func confirm(_ fragment: NginxFragment, _ route: String) async throws(Failure) {
    let end = ContinuousClock.now + .milliseconds(patience.milliseconds)
    var confirmed = 0
    var last: String
    while true {
      do throws(Failure) {
        let running = try await status.running(route)
        confirmed = running.generation == fragment.generation ? confirmed + 1 : 0
        last = "the old weight, \(running.wish.green) for slot green"
      } catch {
        guard error.kind == .transient, !Task.isCancelled else { throw error }
        confirmed = 0
        last = "nothing (\(error.message))"
      }
      if confirmed == Self.confirmations { return }
      guard ContinuousClock.now < end else {
        throw Failure(
          .transient,
          "nginx was told to reload, and after \(patience) it still tells \(last); its error log says why")
      }
      try? await Task.sleep(for: Self.pause)
    }
  }
}
