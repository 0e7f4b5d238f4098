import Controller
import Engine
import Flags
import PipelineModel
import Simulation
import TestSupport
import Testing

// What people ask of flags becomes entries of the one journal, whatever the journal does.

@Suite struct FlagRequestTests {
  private static let name = FlagName(environment: "production", key: "new-checkout")
  private static let draft = FlagDraft(
    definition: #"{ "state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off" }"#)

  private func rig() throws -> Rig {
    let rig = Rig(FixedCompiler([.canary()]), world: .healthy(canary: 0.01))
    try rig.open()
    return rig
  }

  private func ask(
    _ rig: Rig, _ act: FlagAct, by person: String = "ada", reason: String? = nil
  ) throws -> Batch.Answered {
    let request = rig.store.ask(.flag(act), by: .person(person), reason: reason)
    try rig.turn([])
    return try #require(rig.store.answers[request])
  }

  @Test func `what is asked of a flag is answered in the batch that writes it down`() throws {
    let rig = try rig()
    let name = FlagName(environment: "staging", key: "new-checkout")
    let answer = try ask(rig, .wish(FlagWish(name, .create(Self.draft))), reason: "OPS-9")
    #expect(answer.refusal == nil)
    let entry = try #require(try rig.store.entries.last)
    #expect(answer.entry == entry.sequence)
    #expect(entry.actor == .person("ada"))
    #expect(entry.reason == "OPS-9")
    #expect(entry.run == nil)
    #expect(entry.revision == rig.conductor?.flags.head(name))
  }

  @Test func `a refusal is an entry too, with who asked for what`() throws {
    let rig = try rig()
    let answer = try ask(rig, .wish(FlagWish(Self.name, .turnOff)))
    #expect(answer.refusal == "there is no flag new-checkout in production")
    let entry = try #require(try rig.store.entries.last)
    #expect(
      entry.fact
        == .flag(.refused(.wish(FlagWish(Self.name, .turnOff)), because: "there is no flag new-checkout in production"))
    )
    #expect(entry.actor == .person("ada"))
  }

  @Test func `a change of production waits for a second person, and a kill for nobody`() throws {
    let rig = try rig()
    _ = try ask(rig, .wish(FlagWish(Self.name, .create(Self.draft))))
    #expect(rig.conductor?.flags.head(Self.name) == nil)
    let proposal = try #require(rig.conductor?.flags.proposal(1))
    #expect(try ask(rig, .approve(1, hash: proposal.hash)).refusal == "ada asked for proposal 1 and may not approve it")
    #expect(try ask(rig, .approve(1, hash: "sha256:other"), by: "bob").refusal?.contains("edited") == true)
    #expect(try ask(rig, .approve(1, hash: proposal.hash), by: "bob").refusal == nil)
    #expect(rig.conductor?.flags.head(Self.name)?.contract.approvals.map(\.by) == [.person("bob")])
    #expect(try ask(rig, .wish(FlagWish(Self.name, .kill)), by: "carol").refusal == nil)
    #expect(rig.conductor?.flags.head(Self.name)?.isLatched == true)
  }

  @Test func `a scheduled change happens in its time, also by a controller that was started meanwhile`() throws {
    let rig = try rig()
    let name = FlagName(environment: "staging", key: "f")
    _ = try ask(rig, .wish(FlagWish(name, .create(Self.draft))))
    let due = rig.now + .minutes(5)
    _ = try ask(rig, .wish(FlagWish(name, .turnOn(variant: nil), at: due)), reason: "launch")
    #expect(rig.conductor?.flags.head(name)?.number == 1)
    rig.crash()
    for _ in 0..<1000 where rig.conductor?.flags.head(name)?.number != 2 { _ = try rig.step() }
    let last = try #require(try rig.store.entries.last { $0.revision != nil })
    #expect(last.revision?.number == 2)
    #expect(last.time >= due)
    #expect(last.actor == .controller)
  }

  @Test(arguments: [true, false])
  func `a controller that dies as it writes leaves a change whole or undone, and it is done once`(
    _ written: Bool
  ) throws {
    let rig = try rig()
    let name = FlagName(environment: "staging", key: "f")
    _ = try ask(rig, .wish(FlagWish(name, .create(Self.draft))))
    rig.store.troubles[rig.store.appends + 1] = .crash(written: written)
    let request = rig.store.ask(.flag(.wish(FlagWish(name, .turnOn(variant: nil)))), by: .person("ada"))
    try rig.turn([])
    #expect(rig.conductor == nil)
    try rig.open()
    #expect(rig.store.answers[request]?.refusal == nil)
    #expect(rig.conductor?.flags.head(name)?.number == 2)
    #expect(try rig.store.entries.compactMap(\.revision).map(\.number) == [1, 2])
  }

  @Test(arguments: (0..<20).map { Seeds.fresh &+ $0 })
  func `a ledger restored from the journal is the ledger that was kept, and nothing changes without an entry`(
    _ seed: UInt64
  ) throws {
    var chance = FuzzedAct(seed: seed)
    let rig = try rig()
    rig.roles = { $0.name == "eve" ? [] : ["dev"] }
    rig.flags = FlagPolicy(environments: [
      .init(name: "staging", change: ["dev"]), .init(name: "production", approve: ["dev"], approvals: 1),
    ])
    try rig.open()
    for _ in 0..<40 {
      let before = rig.conductor?.flags
      let entries = rig.store.lines.count
      let act = chance.act(rig.conductor?.flags ?? FlagLedger(), rig.now)
      let answer = try ask(rig, act, by: chance.pick(["ada", "bob", "eve"]), reason: chance.pick(["r", nil]))
      if rig.conductor?.flags != before || answer.refusal != nil { #expect(rig.store.lines.count > entries) }
      if answer.refusal != nil { #expect(rig.conductor?.flags == before) }
      if chance.below(4) == 0, let alarm = rig.conductor?.nextTimer { try rig.turn([], at: alarm) }
      let kept = rig.conductor?.flags
      if chance.below(10) == 0 { try rig.open() }
      #expect(try FlagLedger(MemoryJournal(rig.store).flags()) == kept)
      try rig.open()
      #expect(rig.conductor?.flags == kept)
    }
  }
}
