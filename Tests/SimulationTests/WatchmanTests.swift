import Engine
import PipelineModel
import Simulation
import TestSupport
import Testing

// Somebody who watches is worth nothing if he sees nothing: each thing that must never be is planted, and found.

@Suite struct WatchmanTests {
  private let plan = Plan(.canary())
  private var watchman = Watchman()

  private mutating func note(_ decisions: Decision..., weights: [Weight] = [.none]) {
    watchman.check(.timePassed, decisions, plan, weights)
  }

  /// Moves of the canary: deploy, then shift and watch for each weight.
  private mutating func goThrough(moves: ClosedRange<Int>, passing: Bool = true) {
    for move in moves {
      note(.moved(stage: 0, move: move))
      if case .shift(let route, let weight) = plan.moves[0][move] { watchman.saw(weight, plan, route) }
      if passing, plan.moves[0][move].gate != nil { note(.concluded(.move, .pass, [])) }
    }
  }

  @Test mutating func `a run that does everything right is left in peace`() {
    goThrough(moves: 0...8)
    note(.concluded(.background, .pass, []))
    note(.passed(stage: 0), .ended(.promoted), weights: [.all])
    #expect(watchman.violations == [])
  }

  @Test mutating func `a weight that is not in the plan is seen`() {
    goThrough(moves: 0...2)
    watchman.saw(.percent(30), plan, 0)
    #expect(watchman.violations == ["weight 30% on edge/checkout is none the plan names"])
  }

  @Test mutating func `a weight that is skipped, or taken back, is seen`() {
    goThrough(moves: 0...2)
    watchman.saw(.percent(50), plan, 0)
    #expect(watchman.violations == ["weight 50% on edge/checkout out of order"])
    goThrough(moves: 3...4)
    watchman.saw(.percent(5), plan, 0)
    #expect(watchman.violations.count == 2)
  }

  @Test mutating func `traffic taken without a rollback, and given after one began, is seen`() {
    goThrough(moves: 0...2)
    watchman.saw(.none, plan, 0)
    #expect(watchman.violations == ["the traffic was taken from edge/checkout without a rollback"])
    note(.rollbackBegan(.asked))
    watchman.saw(.none, plan, 0)
    #expect(watchman.violations.count == 1)
    watchman.saw(.percent(25), plan, 0)
    #expect(watchman.violations.last == "weight 25% on edge/checkout after the rollback began")
  }

  @Test mutating func `a step past a gate that has not spoken, or did not say pass, is seen`() {
    for said in [nil, Verdict.noData, .error, .inconclusive, .fail] {
      watchman = Watchman()
      goThrough(moves: 0...2, passing: false)
      if let said { note(.concluded(.move, said, [])) }
      note(.moved(stage: 0, move: 3))
      #expect(watchman.violations == ["stage canary went past the gate of move 2"], "\(String(describing: said))")
    }
  }

  @Test mutating func `a gate that was overridden by a person is no violation`() {
    goThrough(moves: 0...2, passing: false)
    note(.concluded(.move, .stopped, []), .overrode(.move, .stopped))
    note(.moved(stage: 0, move: 3))
    #expect(watchman.violations == [])
  }

  @Test mutating func `a stage that passes without its background gate is seen`() {
    goThrough(moves: 0...8)
    note(.passed(stage: 0), .ended(.promoted), weights: [.all])
    #expect(watchman.violations == ["stage canary passed without its gate"])
  }

  @Test mutating func `a promotion before every weight was there is seen`() {
    goThrough(moves: 0...4)
    note(.concluded(.background, .pass, []))
    note(.passed(stage: 0), .ended(.promoted), weights: [.percent(25)])
    #expect(watchman.violations == ["promoted, and edge/checkout has not had every weight"])
  }

  @Test mutating func `a run that was taken back with traffic left on the candidate is seen`() {
    goThrough(moves: 0...2)
    note(.rollbackBegan(.asked))
    note(.ended(.rolledBack), weights: [.percent(5)])
    #expect(watchman.violations == ["rolled back, and the candidate still has traffic"])
  }
}
