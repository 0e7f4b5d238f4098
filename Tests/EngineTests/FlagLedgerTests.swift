import Engine
import Flags
import PipelineModel
import Testing

/// What may be done to a flag, and what becomes of it.
struct FlagLedgerTests {
  @Test func `a flag is off when it is made, whatever its definition says`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    let head = try #require(ship.ledger.head(.staging))
    #expect(head.number == 1)
    #expect(try head.parsed().state == .disabled)
    #expect(try ship.variant(.staging, of: 1) == nil)
  }

  @Test func `environments know nothing of each other`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.wish(.turnOn(variant: nil), of: .staging)
    #expect(ship.ledger.head(.production) == nil)
    #expect(throws: Refusal("there is no flag new-checkout in development; there is one in staging")) {
      try ship.wish(.turnOff, of: FlagName(environment: "development", key: "new-checkout"))
    }
  }

  @Test func `on means on for everybody where no rule decides, and off brings nothing to anybody`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.wish(.turnOn(variant: nil), of: .staging)
    #expect(try ship.variant(.staging, of: 1) == "on")
    #expect(throws: Refusal("new-checkout in staging is on already")) {
      try ship.wish(.turnOn(variant: nil), of: .staging)
    }
    try ship.wish(.turnOff, of: .staging)
    #expect(try ship.variant(.staging, of: 1) == nil)
    #expect(ship.ledger.head(.staging)?.number == 3)
  }

  @Test func `a flag that was killed stays off until a person turns it on with a reason`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.wish(.turnOn(variant: nil), of: .staging)
    try ship.wish(.kill, of: .staging)
    #expect(ship.ledger.head(.staging)?.isLatched == true)
    #expect(throws: Refusal.self) { try ship.wish(.set(FlagDraft(definition: Flagship.toggle)), of: .staging) }
    #expect(throws: Refusal.self) { try ship.wish(.revert(to: 2), of: .staging) }
    #expect(throws: Refusal.self) { try ship.step(.staging, "on", 1000) }
    #expect(
      throws: Refusal("new-checkout in staging was switched off for a reason; say with --reason why it may be on again")
    ) {
      try ship.wish(.turnOn(variant: nil), of: .staging)
    }
    try ship.wish(.turnOn(variant: nil), of: .staging, reason: "INC-7 is mended")
    #expect(ship.ledger.head(.staging)?.isLatched == false)
    #expect(try ship.variant(.staging, of: 1) == "on")
  }

  @Test func `a definition that is wrong is refused, and the last good one stays`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    let before = ship.ledger
    for wrong in [
      "{", "[]", #"{"state":"ENABLED"}"#, #"{"state":"ON","variants":{"a":1}}"#,
      #"{"state":"ENABLED","variants":{"a":1,"b":"x"},"defaultVariant":"a"}"#,
      #"{"state":"ENABLED","variants":{"a":1},"defaultVariant":"b"}"#,
      #"{"state":"ENABLED","variants":{"a":1},"defaultVariant":"a","targeting":{"iff":[true,"a"]}}"#,
      #"{"state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a","targeting":{"if":[true,"a","a"]}}"#,
    ] {
      #expect(throws: Refusal.self, "\(wrong)") { try ship.wish(.set(FlagDraft(definition: wrong)), of: .staging) }
    }
    #expect(ship.ledger == before)
  }

  @Test func `a change on a revision that is not the newest is refused`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.wish(.turnOn(variant: nil), of: .staging) { $0.ifRevision = 1 }
    #expect(throws: Refusal.self) { try ship.wish(.turnOff, of: .staging) { $0.ifRevision = 1 } }
    #expect(throws: Refusal.self) {
      try ship.wish(.create(FlagDraft(definition: Flagship.toggle)), of: .production) { $0.ifRevision = 4 }
    }
    try ship.wish(.turnOff, of: .staging) { $0.ifRevision = 2 }
  }

  @Test func `an earlier revision comes back as a new one`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    let first = try #require(ship.ledger.head(.staging))
    try ship.wish(.turnOn(variant: nil), of: .staging)
    try ship.wish(.revert(to: 1), of: .staging)
    let head = try #require(ship.ledger.head(.staging))
    #expect(head.number == 3)
    #expect(head.change == .reverted(to: 1))
    #expect(head.definition == first.definition)
    #expect(throws: Refusal.self) { try ship.wish(.revert(to: 1), of: .staging) }
    #expect(throws: Refusal.self) { try ship.wish(.revert(to: 9), of: .staging) }
  }

  @Test func `an archived flag is gone until it is made anew`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.wish(.archive, of: .staging)
    for deed in [FlagDeed.turnOn(variant: nil), .turnOff, .kill, .archive, .revert(to: 1)] {
      #expect(throws: Refusal.self) { try ship.wish(deed, of: .staging) }
    }
    #expect(throws: Refusal.self) { try ship.step(.staging, "on", 1000) }
    try ship.create(.staging)
    #expect(ship.ledger.head(.staging)?.number == 3)
  }

  @Test func `what was killed stays off through an archive too`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.wish(.kill, of: .staging)
    try ship.wish(.archive, of: .staging)
    let enabled = FlagDraft(definition: Flagship.toggle)
    #expect(throws: Refusal.self) { try ship.wish(.import(enabled), of: .staging) }
    try ship.create(.staging)
    #expect(ship.ledger.head(.staging)?.isLatched == true)
    #expect(throws: Refusal.self) { try ship.wish(.turnOn(variant: nil), of: .staging) }
    try ship.wish(.turnOn(variant: nil), of: .staging, reason: "mended")
    #expect(ship.ledger.head(.staging)?.isLatched == false)
  }

  @Test func `several wishes are granted together or not at all`() throws {
    var ship = Flagship()
    let draft = FlagDraft(definition: Flagship.toggle)
    let wishes = ["a", "b", "c d"].map { FlagWish(FlagName(environment: "staging", key: $0), .import(draft)) }
    #expect(throws: Refusal.self) { try ship.ask(.wishes(wishes)) }
    #expect(ship.ledger == FlagLedger())
    try ship.ask(.wishes(Array(wishes.dropLast())))
    #expect(ship.ledger.flags.map(\.name.key) == ["a", "b"])
    // What is there already is left alone.
    #expect(try ship.ask(.wishes(Array(wishes.dropLast()))) == [])
  }

  @Test func `a contract names an end state that the flag has`() throws {
    var ship = Flagship()
    var contract = FlagContract(owner: "checkout", endState: "on", services: ["checkout-api"])
    try ship.wish(.create(FlagDraft(definition: Flagship.toggle, contract: contract)), of: .staging)
    #expect(ship.ledger.head(.staging)?.contract.services == ["checkout-api"])
    contract.endState = "gone"
    #expect(throws: Refusal("the end state `gone` of new-checkout in staging is no variant of it")) {
      try ship.wish(.set(FlagDraft(definition: Flagship.toggle, contract: contract)), of: .staging)
    }
  }

  @Test func `while a run ramps a flag only stopping it is possible`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.step(.staging, "on", 1000)
    ship.ramping[.staging] = RunID(1)
    for deed in [
      FlagDeed.turnOn(variant: "on"), .archive, .revert(to: 1), .set(FlagDraft(definition: Flagship.toggle)),
    ] {
      #expect(throws: Refusal.self) { try ship.wish(deed, of: .staging) }
    }
    try ship.wish(.kill, of: .staging)
    #expect(try ship.variant(.staging, of: 1) == nil)
  }
}
