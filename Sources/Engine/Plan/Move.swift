package import PipelineModel

/// The smallest thing a stage does. Every kind of stage is a list of these, so a new kind of stage needs no new state.
package enum Move: Hashable, Sendable {
  /// Run a command.
  case check
  /// Have a runner do something.
  case step
  /// Wait for people.
  case approve
  /// Bring the candidate up.
  case deploy
  /// Give the candidate a share of a route.
  case shift(route: Int, Weight)
  /// Copy a share of a route's requests to the candidate, too.
  case mirror(route: Int, Weight)
  /// Send requests with a header to the candidate; `nil`: none any more.
  indirect case headerRoute(route: Int, HeaderMatch?)
  /// Stay for a time, under a gate if there is one.
  indirect case watch(Period, hold: Interval, gate: Gate?)
  /// Take down what the candidate has replaced.
  case retire

  /// Which of a stage's times a watch is.
  package enum Period: Hashable, Sendable {
    case step(Int)
    case preview(Int)
    case preSwitch, postSwitch, keepAlive, soak, wait
  }

  package var gate: Gate? { if case .watch(_, _, let gate) = self { gate } else { nil } }
}

extension Move {
  static func moves(of stage: Stage, routes: [RouteName]) -> [Move] {
    let route = stage.route.flatMap(routes.firstIndex) ?? 0
    switch stage.work {
    case .check: return [.check]
    case .step: return [.step]
    case .approve: return [.approve]
    case .canary(let canary): return moves(of: canary, route)
    case .blueGreen(let change): return moves(of: change, route)
    case .flag(let ramp): return moves(of: ramp.steps, route)
    case .verify(let watch): return [.watch(.soak, hold: watch.hold, gate: watch.gate)]
    case .wait(let interval): return [.watch(.wait, hold: interval, gate: nil)]
    }
  }

  private static func moves(of canary: Canary, _ route: Int) -> [Move] {
    var moves: [Move] = canary.deploy == nil ? [] : [.deploy]
    for (index, preview) in canary.previews.enumerated() { moves += self.moves(of: preview, index, route) }
    if canary.mirrors { moves.append(.mirror(route: route, .none)) }
    moves += self.moves(of: canary.steps, route)
    if canary.routesByHeader { moves.append(.headerRoute(route: route, nil)) }
    return moves
  }

  private static func moves(of steps: [Canary.Step], _ route: Int) -> [Move] {
    steps.enumerated().flatMap { index, step in
      [Move.shift(route: route, step.weight), .watch(.step(index), hold: step.hold, gate: step.gate)]
    }
  }

  private static func moves(of preview: Canary.Preview, _ index: Int, _ route: Int) -> [Move] {
    var moves: [Move] = []
    if let header = preview.header { moves.append(.headerRoute(route: route, header)) }
    if let mirror = preview.mirror { moves.append(.mirror(route: route, mirror)) }
    return moves + [.watch(.preview(index), hold: preview.hold, gate: preview.gate)]
  }

  private static func moves(of change: BlueGreen, _ route: Int) -> [Move] {
    var moves: [Move] = [.deploy]
    if let watch = change.preSwitch { moves.append(.watch(.preSwitch, hold: watch.hold, gate: watch.gate)) }
    moves.append(.shift(route: route, .all))
    if let watch = change.postSwitch { moves.append(.watch(.postSwitch, hold: watch.hold, gate: watch.gate)) }
    return moves + [.watch(.keepAlive, hold: change.keepAlive, gate: nil), .retire]
  }
}
