import Controller
import Engine
import Flags
import PipelineModel
import TestSupport
import Testing

// What a freeze does to runs and flags, in the journal that has both; in virtual time, over crashes.

@Suite struct FreezeTests {
  private func rig(_ pipelines: Pipeline...) throws -> Rig {
    let rig = Rig(FixedCompiler(pipelines.isEmpty ? [.canary()] : pipelines), world: .healthy(canary: 0.01))
    try rig.open()
    return rig
  }

  @discardableResult
  private func ask(
    _ rig: Rig, _ ask: Request.Ask, by person: Principal = .person("ada"), reason: String? = nil
  ) throws -> Batch.Answered {
    let request = rig.store.ask(ask, by: person, reason: reason)
    try rig.turn([])
    return try #require(rig.store.answers[request])
  }

  @discardableResult
  private func freeze(_ rig: Rig, _ alter: (inout FreezePlan) -> Void = { _ in }) throws -> Batch.Answered {
    var plan = FreezePlan(title: "Black Friday")
    alter(&plan)
    return try ask(rig, .freeze(.start(plan)))
  }

  private func start(_ rig: Rig, as change: ChangeKind? = nil, reason: String? = nil) throws -> Batch.Answered {
    let version = Start.Binding(name: "version", value: "v2")
    let start = StartRequest(text: "canary", path: "canary.yaml", parameters: [version], change: change)
    return try ask(rig, .start(start), reason: reason)
  }

  private func meetings(_ rig: Rig) throws -> [FreezeMeeting.Outcome] {
    try rig.store.entries.compactMap { entry in
      if case .freeze(.met(_, let meeting)) = entry.fact { meeting.outcome } else { nil }
    }
  }

  @Test func `no run starts while it holds, and that it was wanted is on record`() throws {
    let rig = try rig()
    #expect(try freeze(rig).refusal == nil)
    let refusal = try start(rig).refusal
    #expect(refusal?.hasPrefix("freeze 1 (\"Black Friday\") holds until somebody ends it, and no run starts") == true)
    #expect(rig.store.runs.isEmpty)
    #expect(try meetings(rig) == [.refused])
    #expect(try ask(rig, .freeze(.end(1))).refusal?.contains("--reason") == true)
    #expect(try ask(rig, .freeze(.end(1)), reason: "quiet").refusal == nil)
    #expect(try start(rig).refusal == nil)
  }

  @Test func `one of another service or environment holds nothing`() throws {
    let rig = try rig()
    try freeze(rig) { $0.services = ["search"] }
    try freeze(rig) { $0.environment = "staging" }
    #expect(try start(rig).refusal == nil)
    #expect(try meetings(rig) == [])
  }

  @Test func `what it excepts goes ahead with a reason, and is on record`() throws {
    let rig = try rig()
    try freeze(rig)
    #expect(try start(rig, as: .reliability, reason: "leak").refusal != nil)
    #expect(try start(rig, as: .emergency).refusal?.contains("needs a reason") == true)
    #expect(try start(rig, as: .emergency, reason: "INC-4").refusal == nil)
    #expect(try meetings(rig) == [.refused, .passed])
    let met = try #require(try rig.store.entries.last { $0.fact.kind == .freeze })
    #expect(met.reason == "INC-4" && met.actor == .person("ada"))
  }

  @Test func `a run under way goes on, and is rolled back when it must be`() throws {
    let rig = try rig()
    #expect(try start(rig).refusal == nil)
    try freeze(rig)
    while try !rig.store.entries(of: RunID(1)).contains(where: { $0.fact.kind == .shifted }), try rig.step() {}
    #expect(try ask(rig, .act(RunID(1), .rollback)).refusal == nil)
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack)
    let second = try self.rig()
    #expect(try start(second).refusal == nil)
    try freeze(second)
    try second.finish()
    #expect(try second.outcome(of: 1) == .promoted)
  }

  @Test(arguments: [false, true])
  func `a run that is held begins when the freeze is over, also over a crash`(crashes: Bool) throws {
    let rig = try rig()
    let end = rig.now + .hours(2)
    try freeze(rig) {
      $0.starts = .hold
      $0.until = end
    }
    #expect(try start(rig).refusal == nil)
    #expect(try meetings(rig) == [.held])
    #expect(rig.store.runs[RunID(1)]?.status == .queued)
    if crashes { rig.crash() }
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .promoted)
    let begun = try #require(try rig.store.entries(of: RunID(1)).first { $0.fact.kind == .begun })
    #expect(begun.time == end)
    #expect(rig.violations + rig.sink.violations == [])
  }

  @Test func `it begins at once when somebody ends the freeze`() throws {
    let rig = try rig()
    try freeze(rig) { $0.starts = .hold }
    #expect(try start(rig).refusal == nil)
    #expect(rig.store.runs[RunID(1)]?.status == .queued)
    #expect(try ask(rig, .freeze(.end(1)), reason: "quiet").refusal == nil)
    #expect(rig.store.runs[RunID(1)]?.status == .running)
  }

  @Test func `a freeze holds flags too, over a crash, and broken glass is on record beside it`() throws {
    let rig = try rig()
    let name = FlagName(environment: "staging", key: "f")
    _ = try ask(rig, .flag(.wish(FlagWish(name, .create(RampTests.draft)))))
    try freeze(rig)
    rig.crash()
    try rig.open()
    var wish = FlagWish(name, .turnOn(variant: "on"))
    #expect(try ask(rig, .flag(.wish(wish))).refusal?.hasPrefix("freeze 1 (\"Black Friday\") holds") == true)
    wish.breaksGlass = true
    #expect(try ask(rig, .flag(.wish(wish)), reason: "INC-4").refusal == nil)
    #expect(try meetings(rig) == [.passed])
    #expect(try ask(rig, .flag(.wish(FlagWish(name, .kill)))).refusal == nil)
  }

  @Test(arguments: [false, true])
  func `a flag's change that is approved meanwhile happens when somebody ends the freeze, also over a crash`(
    crashes: Bool
  ) throws {
    let rig = try rig()
    let name = FlagName(environment: "staging", key: "f")
    _ = try ask(rig, .flag(.wish(FlagWish(name, .create(RampTests.draft)))))
    let end = rig.now + .hours(2)
    try freeze(rig) { $0.until = end }
    var wish = FlagWish(name, .turnOn(variant: "on"))
    wish.onlyProposes = true
    _ = try ask(rig, .flag(.wish(wish)))
    let proposal = try #require(rig.conductor?.flags.proposal(1))
    #expect(try ask(rig, .flag(.approve(1, hash: proposal.hash)), by: .person("bob")).refusal == nil)
    #expect(rig.conductor?.flags.proposal(1)?.state == .held(by: 1))
    if crashes {
      rig.crash()
      try rig.open()
    }
    #expect(try ask(rig, .freeze(.end(1)), reason: "quiet").refusal == nil)
    #expect(rig.conductor?.flags.head(name)?.number == 2)
    #expect(rig.conductor?.flags.proposal(1) == nil)
  }

  // MARK: Names

  @Test func `who acts in another's name without leave is refused, and that is on record`() throws {
    let rig = try rig()
    let name = FlagName(environment: "staging", key: "f")
    let said = Principal.person("ada", saidBy: "mallory")
    let wish = FlagAct.wish(FlagWish(name, .create(RampTests.draft)))
    let refusal = try ask(rig, .flag(wish), by: said).refusal
    #expect(refusal?.hasPrefix("mallory may not act as ada") == true)
    let entry = try #require(try rig.store.entries.last)
    #expect(entry.fact == .flag(.refused(wish, because: refusal ?? "")) && entry.actor == said)
    #expect(try ask(rig, .start("canary", version: "v2"), by: said).refusal == refusal)
    #expect(try ask(rig, .freeze(.start(FreezePlan(title: "t"))), by: said).refusal == refusal)
    #expect(try ask(rig, .incident(.open(IncidentReport(title: "t", services: []))), by: said).refusal == refusal)
    #expect(rig.conductor?.flags.head(name) == nil && rig.store.runs.isEmpty)
    _ = try start(rig)
    #expect(try ask(rig, .act(RunID(1), .abort), by: said).refusal == refusal)
    #expect(try rig.outcome(of: 1) == nil)
    rig.people = PeoplePolicy(actingFor: .these(["mallory"]))
    try rig.open()
    #expect(try ask(rig, .flag(wish), by: said).refusal == nil)
    #expect(try rig.store.entries.last?.actor == said)
  }
}
