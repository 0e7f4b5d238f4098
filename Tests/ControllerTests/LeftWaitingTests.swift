import Controller
import Engine
import PipelineModel
import TestSupport
import Testing

/// A controller that drives only to take something back ships nothing by that: what waits is left waiting, and what was
/// in flight goes on.
@Suite struct LeftWaitingTests {
  /// Run 1 at 25 %, run 2 waits for it, and nobody drives; the next controller leaves the queue as it finds it.
  private func left(_ more: Pipeline..., idle: [Pipeline] = []) throws -> Rig {
    let rig = Rig(FixedCompiler([.canary(whenBusy: .queue)] + more + idle), world: .healthy())
    try rig.open()
    for version in ["v2", "v3"] { rig.store.ask(.start("canary", version: version)) }
    for pipeline in more { rig.store.ask(.start(pipeline.name, version: "v7")) }
    while rig.weight() != .percent(25) { try #require(try rig.step()) }
    rig.leavesQueued = true
    rig.crash()
    return rig
  }

  @Test(arguments: [Act.abort, .rollback])
  func `what waits does not begin when the run before it is taken back, but with the next controller`(_ act: Act) throws
  {
    let rig = try left()
    rig.store.ask(.act(RunID(1), act), reason: "INC-7")
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack)
    #expect(rig.store.runs[RunID(2)]?.status == .queued)
    #expect(rig.weight() == Weight.none)
    #expect(!rig.sink.performed.contains { $0.run == RunID(2) })
    #expect(rig.conductor?.activeRuns == 1)
    #expect(rig.conductor?.drivenRuns == 0)
    rig.leavesQueued = false
    try rig.open()
    #expect(rig.conductor?.drivenRuns == 1)
    try rig.finish()
    #expect(try rig.outcome(of: 2) == .promoted)
    #expect(rig.violations + rig.sink.violations == [])
  }

  @Test func `what waits does not begin at the start either, where its target is free already`() throws {
    let rig = Rig(FixedCompiler([.canary(whenBusy: .queue)]), world: .healthy())
    try rig.open()
    rig.store.ask(.start("canary", version: "v2"))
    try rig.finish()
    let appends = rig.store.appends
    let other = Rig(FixedCompiler([.canary(whenBusy: .queue)]), world: .healthy())
    try other.open()
    for version in ["v2", "v3"] { other.store.ask(.start("canary", version: version)) }
    // Killed before the end of run 1 is written: the next controller writes it, and what it wakes is left waiting.
    other.store.troubles = [appends: .crash(written: false)]
    other.leavesQueued = true
    try other.finish()
    #expect(other.crashes == 1)
    #expect(try other.outcome(of: 1) == .promoted)
    #expect(other.store.runs[RunID(2)]?.status == .queued)
    try other.open()
    #expect(other.store.runs[RunID(2)]?.status == .queued)
  }

  @Test func `what was in flight on another target is driven to its end`() throws {
    let rig = try left(.canary("search", service: "search"))
    rig.store.ask(.act(RunID(1), .abort))
    _ = try rig.step()
    #expect(rig.conductor?.drivenRuns == 2)
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack)
    #expect(try rig.outcome(of: 3) == .promoted)
    #expect(rig.store.runs[RunID(2)]?.status == .queued)
    #expect(rig.conductor?.drivenRuns == 0)
  }

  @Test func `what was asked for before joins the queue, and what is asked for from now on begins`() throws {
    let rig = try left(idle: [.canary("search", service: "search"), .canary("mail", service: "mail")])
    let before = rig.store.ask(.start("search", version: "v8"))
    try rig.finish()
    #expect(rig.store.answers[before]?.run == RunID(3))
    #expect(rig.store.runs[RunID(3)]?.status == .queued)
    let since = rig.store.ask(.start("mail", version: "v8"))
    try rig.finish()
    #expect(rig.store.answers[since]?.run == RunID(4))
    #expect(try rig.outcome(of: 4) == .promoted)
    #expect(rig.store.runs[RunID(3)]?.status == .queued)
    rig.leavesQueued = false
    try rig.open()
    try rig.finish()
    #expect(try rig.outcome(of: 3) == .promoted)
  }

  @Test func `a younger run that waits for the one in flight has its turn`() throws {
    let rig = try left(.canary("search", service: "search", whenBusy: .queue))
    _ = try rig.step()
    rig.store.ask(.start("search", version: "v8"))
    try rig.finish()
    #expect(try rig.outcome(of: 3) == .promoted)
    #expect(try rig.outcome(of: 4) == .promoted)
    #expect(rig.store.runs[RunID(2)]?.status == .queued)
  }
}
