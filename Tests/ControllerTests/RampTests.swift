import Controller
import Engine
import Flags
import PipelineModel
import Proofs
import Simulation
import TestSupport
import Testing

// A ramp is a run on a route that is a flag: the conductor answers it from the ledger of flags, in the journal that has
// the run too. Here with a real conductor, a journal in memory, and a world that sees the flag as its users would.

@Suite struct RampTests {
  static let name = FlagName(environment: "production", key: "new-checkout")
  static let draft = FlagDraft(
    definition: #"{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off"}"#,
    contract: FlagContract(endState: "on", services: ["checkout"]))

  private func rig(
    _ pipelines: Pipeline..., errors: Double = 0.01, policy: FlagPolicy.Environment = .init(name: "production")
  ) throws -> Rig {
    let rig = Rig(FixedCompiler(pipelines), world: .healthy(canary: errors))
    rig.flags = FlagPolicy(environments: [policy])
    try rig.open()
    var creating = FlagWish(Self.name, .create(Self.draft))
    creating.breaksGlass = policy.approvals > 0
    _ = try ask(rig, .flag(.wish(creating)), reason: "the test begins")
    return rig
  }

  @discardableResult
  private func ask(
    _ rig: Rig, _ ask: Request.Ask, by person: String = "ada", reason: String? = nil
  ) throws -> Batch.Answered {
    let request = rig.store.ask(ask, by: .person(person), reason: reason)
    try rig.turn([])
    return try #require(rig.store.answers[request])
  }

  private func start(_ rig: Rig, _ pipeline: String = "ramp", _ version: String = "") throws -> Batch.Answered {
    try ask(rig, .start(pipeline, version: version))
  }

  private func head(_ rig: Rig) throws -> FlagRevision { try #require(rig.conductor?.flags.head(Self.name)) }

  /// How many of 100 000 have `on`; `nil`: none has, since it is off.
  private func weight(_ rig: Rig) throws -> Int? {
    let definition = try head(rig).parsed()
    return definition.state == .enabled ? definition.weight(of: "on") : nil
  }

  private func step(_ rig: Rig, until isReached: (Rig) throws -> Bool) throws {
    for _ in 0..<5000 {
      if try isReached(rig) { return }
      guard try rig.step() else { break }
    }
    #expect(try isReached(rig), "never came to this")
  }

  private func facts(_ rig: Rig, of run: Int64) throws -> [Fact] { try rig.store.entries(of: RunID(run)).map(\.fact) }

  // MARK: Steps

  @Test func `each step is a revision of the flag, written in the batch that tells the run`() throws {
    let rig = try rig(.ramp())
    #expect(try start(rig).refusal == nil)
    #expect(try weight(rig) == 1000)
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .promoted)
    let entries = try rig.store.entries
    let steps = entries.filter { $0.revision?.contract.rollout == RunID(1) }
    #expect(steps.compactMap(\.revision).map(\.number) == [2, 3, 4])
    #expect(try weight(rig) == RampSplit.sum)
    for step in steps {
      guard case .stepped(let made)? = step.revision?.change else { return #expect(Bool(false), "\(step.fact)") }
      #expect(entries[Int(step.sequence)].fact == .shifted(made.effect))
    }
    #expect(rig.sink.performed.allSatisfy { if case .setWeight = $0.work { false } else { true } })
    #expect(rig.violations + rig.sink.violations == [])
  }

  @Test func `a run that ramps is named by what it brings, and the service keeps its stable version`() throws {
    let rig = try rig(.ramp(), .canary())
    _ = try start(rig)
    let record = try #require(rig.store.runs[RunID(1)])
    #expect(record.version == "new-checkout=on")
    #expect(record.stable == "new-checkout=off")
    try rig.finish()
    #expect(rig.store.targets[Target(service: "checkout", environment: "production")] == nil)
    #expect(try ask(rig, .act(RunID(1), .rollback)).refusal == nil)
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack)
    #expect(try weight(rig) == 0)
    #expect(try !head(rig).isLatched)
  }

  @Test func `a bad verdict takes it from everybody, and off it stays until a person turns it on`() throws {
    let rig = try rig(.ramp(), errors: 0.2)
    _ = try start(rig)
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack)
    #expect(try weight(rig) == 0)
    #expect(try head(rig).isLatched)
    let refusal = try start(rig).refusal
    #expect(refusal?.hasPrefix("new-checkout in production was switched off for a reason") == true, "\(refusal ?? "")")
    #expect(rig.violations + rig.sink.violations == [])
  }

  @Test func `what a person stops is not latched`() throws {
    let rig = try rig(.ramp())
    _ = try start(rig)
    #expect(try ask(rig, .act(RunID(1), .abort)).refusal == nil)
    #expect(try rig.outcome(of: 1) == .rolledBack)
    #expect(try weight(rig) == 0)
    #expect(try !head(rig).isLatched)
  }

  @Test(arguments: [0.01, 0.2])
  func `as it grows nobody loses it, and as it is taken back nobody else moves`(errors: Double) throws {
    let rig = try rig(.ramp(), errors: errors)
    let people = (0..<20_000).map { JSONObject([("targetingKey", JSONValue.text("person-\($0)"))]) }
    _ = try start(rig)
    try rig.finish()
    let revisions = try rig.store.entries.compactMap(\.revision).filter { $0.contract.rollout != nil }
    var had: Set<Int> = []
    for revision in revisions {
      guard case .stepped(let step) = revision.change else { continue }
      let set = try revision.parsed().reading(key: Self.name.key, revision.generation).set
      let flag = try #require(set?[Self.name.key])
      let have = Set(people.indices.filter { flag.resolve(people[$0], at: rig.now).variant == "on" })
      let wanted = Double(step.weight) / Double(RampSplit.sum) * Double(people.count)
      #expect(abs(Double(have.count) - wanted) < 100, "\(step.weight): \(have.count)")
      #expect(step.weight == 0 ? have.isEmpty : have.isSuperset(of: had))
      had = have
    }
    #expect(revisions.count >= 2)
  }

  // MARK: Others

  @Test func `a kill ends the ramp in the same turn, with who and why, and nothing sets it on again`() throws {
    let rig = try rig(.ramp())
    _ = try start(rig)
    try step(rig) { try weight($0) == 10_000 }
    #expect(try ask(rig, .flag(.wish(FlagWish(Self.name, .kill))), by: "bob", reason: "OPS-1").refusal == nil)
    #expect(try facts(rig, of: 1).contains(.overruled(route: 0, found: Weight.none, because: "killed by bob: OPS-1")))
    #expect(try rig.outcome(of: 1) == .rolledBack)
    try rig.finish()
    #expect(try weight(rig) == nil)
    #expect(try rig.store.entries.compactMap(\.revision).last?.isLatched == true)
  }

  @Test func `a kill while nobody drove the ramp is found when somebody does`() throws {
    let rig = try rig(.ramp())
    _ = try start(rig)
    rig.crash()
    let passing = Rig(FixedCompiler(.ramp()), store: rig.store, world: .healthy())
    passing.flags = rig.flags
    try passing.openWithoutRuns()
    #expect(try ask(passing, .flag(.wish(FlagWish(Self.name, .kill)))).refusal == nil)
    #expect(try rig.outcome(of: 1) == nil)
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack)
    #expect(try facts(rig, of: 1).contains(.overruled(route: 0, found: Weight.none, because: "killed in revision 3")))
  }

  @Test func `other changes of a flag that ramps are refused, and told which run ramps it`() throws {
    let rig = try rig(.ramp())
    _ = try start(rig)
    let refusal = try ask(rig, .flag(.wish(FlagWish(Self.name, .turnOn(variant: "on"))))).refusal
    #expect(refusal?.hasPrefix("run 1 ramps new-checkout in production now") == true, "\(refusal ?? "")")
    #expect(try rig.outcome(of: 1) == nil)
  }

  // MARK: Approvals

  @Test func `where changes want approvals, a ramp without a stage for them is refused at once`() throws {
    let rig = try rig(.ramp(), policy: .init(name: "production", approvals: 1))
    let refusal = try start(rig).refusal
    #expect(refusal?.contains("no stage before the ramp asks for so many") == true, "\(refusal ?? "")")
    #expect(rig.store.runs.isEmpty)
  }

  @Test func `approvals given in the run stand in the revisions it makes`() throws {
    let rig = try rig(.ramp(approvals: 1), policy: .init(name: "production", approve: ["manager"], approvals: 1))
    rig.roles = { $0.name == "rita" ? ["manager"] : [] }
    try rig.open()
    _ = try start(rig)
    #expect(try ask(rig, .act(RunID(1), .approve(roles: [])), by: "rita").refusal == nil)
    #expect(try weight(rig) == 1000)
    let approval = try #require(try head(rig).contract.approvals.first)
    #expect(approval.by == .person("rita"))
    let asked = try #require(try rig.store.entries.compactMap(\.revision).first)
    #expect(approval.proposal == Digest.text(of: "\(asked.canonicalText)\nramp"))
  }

  @Test func `an approval is not taken for a flag that has changed since the run was asked for`() throws {
    let rig = try rig(.ramp(approvals: 1), policy: .init(name: "production", approvals: 1))
    _ = try start(rig)
    var wish = FlagWish(Self.name, .turnOn(variant: "off"))
    wish.breaksGlass = true
    #expect(try ask(rig, .flag(.wish(wish)), reason: "meanwhile").refusal == nil)
    let refusal = try ask(rig, .act(RunID(1), .approve(roles: [])), by: "bob").refusal
    #expect(
      refusal?.contains("went on to revision 2 after the run was asked for on revision 1") == true, "\(refusal ?? "")")
    #expect(try ask(rig, .act(RunID(1), .abort)).refusal == nil)
    #expect(try start(rig).refusal == nil)
    #expect(try ask(rig, .act(RunID(2), .approve(roles: [])), by: "bob").refusal == nil)
    #expect(try weight(rig) == 1000)
  }

  @Test func `a flag that is changed after the approval and before the first step is not ramped`() throws {
    let rig = try rig(.ramp(approvals: 1), policy: .init(name: "production", approvals: 1))
    _ = try start(rig)
    let approve = rig.store.ask(.act(RunID(1), .approve(roles: [])), by: .person("bob"))
    var wish = FlagWish(Self.name, .turnOn(variant: "off"))
    wish.breaksGlass = true
    let change = rig.store.ask(.flag(.wish(wish)), by: .person("ada"), reason: "meanwhile")
    try rig.turn([])
    #expect(rig.store.answers[approve]?.refusal == nil && rig.store.answers[change]?.refusal == nil)
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack || rig.outcome(of: 1) == .failed)
    #expect(try head(rig).number == 2)
  }

  @Test func `where many move more approvals are wanted, by all that the ramp moves`() throws {
    let many = FlagPolicy.Environment.Movers(above: .percent(5), approvals: 2)
    let rig = try rig(
      .ramp(approvals: 1), .ramp("twice", approvals: 2), policy: .init(name: "production", movers: many))
    let refusal = try start(rig).refusal
    #expect(
      refusal?.contains("wants 2 approvals by others, since 10000 of 10000 people move") == true, "\(refusal ?? "")")
    #expect(rig.store.runs.isEmpty)
    #expect(try start(rig, "twice").refusal == nil)
    for person in ["bob", "carol"] {
      #expect(try ask(rig, .act(RunID(1), .approve(roles: [])), by: person).refusal == nil)
    }
    #expect(try weight(rig) == 1000)
  }

  @Test func `an approval by somebody who may not approve flags lets nobody have more of it`() throws {
    let rig = try rig(.ramp(approvals: 1), policy: .init(name: "production", approve: ["manager"], approvals: 1))
    _ = try start(rig)
    #expect(try ask(rig, .act(RunID(1), .approve(roles: [])), by: "mallory").refusal == nil)
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack)
    #expect(try rig.store.entries.compactMap(\.revision).allSatisfy { $0.number == 1 })
  }

  // MARK: Collisions

  @Test func `a service whose flag ramps is not deployed, and the reverse`() throws {
    let rig = try rig(.ramp(service: "promotions"), .canary())
    _ = try start(rig)
    let refusal = try start(rig, "canary", "v2").refusal
    #expect(refusal?.hasPrefix("run 1 ramps the flag new-checkout, which checkout in production reads") == true)
    _ = try ask(rig, .act(RunID(1), .abort))
    #expect(try start(rig, "canary", "v2").refusal == nil)
    let reverse = try start(rig).refusal
    #expect(reverse?.hasPrefix("run 2 deploys checkout in production, which reads the flag new-checkout") == true)
  }

  @Test func `a deployment may wait for the ramp, also over a crash`() throws {
    let rig = try rig(
      .ramp(service: "promotions"), .canary(), policy: .init(name: "production", whileRamping: .queue))
    _ = try start(rig)
    #expect(try start(rig, "canary", "v2").refusal == nil)
    #expect(rig.store.runs[RunID(2)]?.status == .queued)
    rig.crash()
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .promoted)
    #expect(try rig.outcome(of: 2) == .promoted)
    let begun = try #require(try rig.store.entries(of: RunID(2)).first { $0.fact.kind == .begun })
    let ended = try #require(try rig.store.entries(of: RunID(1)).last)
    #expect(begun.sequence > ended.sequence)
    #expect(rig.violations + rig.sink.violations == [])
  }

  @Test func `or it goes ahead, and the ramp begins its evidence anew, when it begins and when it ends`() throws {
    let rig = try rig(
      .ramp(service: "promotions"), .canary(), policy: .init(name: "production", whileRamping: .rebaseline))
    _ = try start(rig)
    #expect(try start(rig, "canary", "v2").refusal == nil)
    _ = try ask(rig, .act(RunID(2), .abort))
    try rig.finish()
    #expect(try facts(rig, of: 1).count { $0 == .rebaselined(by: RunID(2)) } == 2)
    #expect(try rig.outcome(of: 1) == .promoted)
  }

  @Test func `a rollback goes ahead while a flag ramps, and the ramp begins its evidence anew`() throws {
    let rig = try rig(.ramp(service: "promotions"), .canary())
    for version in ["v2", "v3"] {
      #expect(try start(rig, "canary", version).refusal == nil)
      try rig.finish()
    }
    #expect(try start(rig).refusal == nil)
    #expect(try ask(rig, .act(RunID(2), .rollback)).refusal == nil)
    try rig.finish()
    #expect(try facts(rig, of: 3).contains { $0.kind == .rebaselined })
    #expect(try rig.outcome(of: 3) == .promoted)
  }

  // MARK: Instead of a rollback

  @Test func `a failed gate of a deployment switches its flag off first, latched, and rolls back if it fails again`()
    throws
  {
    let rig = try rig(.remedied(by: "new-checkout"), errors: 0.2)
    _ = try ask(rig, .flag(.wish(FlagWish(Self.name, .turnOn(variant: nil)))))
    #expect(try start(rig, "remedied", "v2").refusal == nil)
    try step(rig) { try head($0).isLatched }
    #expect(try weight(rig) == nil)
    #expect(try facts(rig, of: 1).contains { $0.kind == .switchedOff })
    #expect(try rig.outcome(of: 1) == nil)
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack)
    #expect(rig.violations + rig.sink.violations == [])
  }

  @Test func `a flag that is not there cannot be switched off, and the deployment is rolled back`() throws {
    let rig = try rig(.remedied(by: "no-such-flag"), errors: 0.2)
    _ = try start(rig, "remedied", "v2")
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack)
    #expect(
      try facts(rig, of: 1).contains {
        if case .failed(_, let failure) = $0 { failure.kind == .rejected } else { false }
      })
  }
}
