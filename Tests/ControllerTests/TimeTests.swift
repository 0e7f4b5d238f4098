import Engine
import PipelineModel
import Testing

@testable import Controller

@Suite struct TimeTests {
  private let noon = Timestamp(milliseconds: 1_767_268_800_000)

  // MARK: Clock

  @Test func `a clock is never before the last entry of the journal`() {
    #expect(Clock(wall: noon, notBefore: noon + .hours(2)).now >= noon + .hours(2))
    #expect(Clock(wall: noon, notBefore: noon + .hours(-2)).now >= noon)
  }

  @Test func `a fast clock's instants are nearer in real time`() {
    let clock = Clock(wall: noon, notBefore: noon, speed: 3600)
    #expect(clock.real(until: clock.now + .hours(1)) <= .seconds(1))
    #expect(clock.real(until: noon) == .zero)
  }

  @Test func `an instant is as long ago elsewhere as it is here, though the journal is ahead of the wall clock`() {
    let clock = Clock(wall: .wall, notBefore: .wall + .hours(2))
    let (before, due) = (Timestamp.wall, clock.now + .minutes(-5))
    let there = clock.elsewhere(due)
    #expect(there >= before + .minutes(-6) && there <= .wall + .minutes(-4))
  }

  @Test func `a clock does not go back`() {
    let clock = Clock(wall: noon, notBefore: noon, speed: 1000)
    var last = clock.now
    for _ in 0..<10_000 {
      let now = clock.now
      #expect(now >= last)
      last = now
    }
  }

  // MARK: Timers

  private func runs(_ timers: inout Timers, due now: Timestamp) -> [Int64] {
    var runs: [Int64] = []
    while let timer = timers.popDue(now) { runs.append(timer.run.number) }
    return runs
  }

  @Test func `alarms come in their order, those of one instant in the order they were set`() {
    var timers = Timers()
    for (run, minutes) in [(1, 3), (2, 1), (3, 1), (4, 2)] as [(Int64, Int64)] {
      timers.setAlarm(noon + .minutes(minutes), of: RunID(run))
    }
    #expect(timers.next == noon + .minutes(1))
    #expect(runs(&timers, due: noon) == [])
    #expect(runs(&timers, due: noon + .minutes(2)) == [2, 3, 4])
    #expect(runs(&timers, due: noon + .hours(1)) == [1])
  }

  @Test func `a run has one alarm, and those it had before wake nobody`() {
    var timers = Timers()
    for minutes in [5, 1, 9, 3] as [Int64] { timers.setAlarm(noon + .minutes(minutes), of: RunID(1)) }
    #expect(runs(&timers, due: noon + .hours(1)) == [1])
    timers.setAlarm(noon + .minutes(1), of: RunID(1))
    timers.setAlarm(nil, of: RunID(1))
    #expect(runs(&timers, due: noon + .hours(1)) == [])
  }

  @Test func `an alarm set away and back again wakes once`() {
    var timers = Timers()
    for minutes in [1, 2, 1] as [Int64] { timers.setAlarm(noon + .minutes(minutes), of: RunID(1)) }
    #expect(runs(&timers, due: noon + .hours(1)) == [1])
  }

  @Test func `effects come at their instant`() {
    var timers = Timers()
    let effect = Effect(id: EffectID(7), work: .check(stage: 0), notBefore: noon + .seconds(4))
    timers.set(effect, of: RunID(1))
    #expect(timers.popDue(noon + .seconds(3)) == nil)
    guard case .effect(EffectID(7), attempt: 1)? = timers.popDue(noon + .seconds(4))?.kind else {
      return #expect(Bool(false), "the effect did not come")
    }
  }
}
