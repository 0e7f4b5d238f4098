package import Engine
package import PipelineModel

/// Whoever carries out effects. Outcomes come back through the inbox.
package protocol EffectSink: AnyObject {
  /// Begins effects that are due, and returns at once. Called after the facts that ask for them are durable.
  func perform(_ orders: [WorkOrder])

  /// Looks whether a router still has what a run wants and the router has confirmed; reports `drifted` or `displaced`
  /// when not.
  func readBack(_ run: RunID, plan: Plan, start: Start, route: Int, state: RouteState)

  /// Ends and forgets the commands of checks and the steps whose keys are stray: nobody awaits them any more. Called
  /// before any effect is begun.
  func forgetStrays(where isStray: (String) -> Bool)

  /// Gives up on whatever takes longer than it may.
  func sweep()
}
