import Engine
import Flags
import PipelineModel
import Testing

// Which freezes may be declared, which change each holds, and what a ledger of flags makes of one: facts in, facts out.

@Suite struct FreezeTests {
  private let now = Flagship.noon

  private func decide(
    _ log: FreezeLog, _ act: FreezeAct, holding roles: [String] = [], because reason: String? = "OPS-1",
    policy: FreezePolicy = FreezePolicy(), at now: Timestamp = Flagship.noon
  ) throws(Refusal) -> FreezeFact {
    try log.decide(act, by: .person("ada"), holding: roles, because: reason, policy: policy, now: now)
  }

  private func log(_ plans: FreezePlan...) throws -> FreezeLog {
    var log = FreezeLog()
    for plan in plans { log.apply(try decide(log, .start(plan))) }
    return log
  }

  // MARK: Declaring

  @Test func `freezes are numbered from 1, name each service once, and begin at once unless they say when`() throws {
    let log = try log(
      FreezePlan(title: " Black Friday ", services: ["web", "api", "web"]),
      FreezePlan(title: "later", from: now + .hours(2), until: now + .hours(3)))
    #expect(log.last == 2)
    #expect(log.standing[1]?.title == "Black Friday")
    #expect(log.standing[1]?.services == ["api", "web"])
    #expect(log.standing[1]?.from == now)
    #expect(log.standing[2]?.from == now + .hours(2))
    #expect(log.alarm == now + .hours(3))
  }

  @Test func `a window that is none, a title that nobody can read, and a freeze of nothing are refused`() throws {
    let log = FreezeLog()
    let passed = #expect(throws: Refusal.self) {
      try decide(log, .start(FreezePlan(title: "t", until: now + .minutes(-1))))
    }
    #expect(passed?.description.contains("which has passed") == true)
    #expect(throws: Refusal.self) {
      try decide(log, .start(FreezePlan(title: "t", from: now + .hours(2), until: now + .hours(1))))
    }
    #expect(throws: Refusal("a freeze needs a title that says why")) { try decide(log, .start(FreezePlan(title: " "))) }
    #expect(throws: Refusal.self) { try decide(log, .start(FreezePlan(title: "a\nb"))) }
    #expect(throws: Refusal.self) { try decide(log, .start(FreezePlan(title: "t", exceptions: [.feature]))) }
  }

  @Test func `a freeze is ended once, with a reason, and its number is not given again`() throws {
    var log = try log(FreezePlan(title: "t"))
    let refused = #expect(throws: Refusal.self) { try decide(log, .end(1), because: " ") }
    #expect(refused?.description.contains("--reason") == true)
    log.apply(try decide(log, .end(1)))
    #expect(log.freeze(of: ["api"], in: "production", at: now) == nil)
    #expect(throws: Refusal("freeze 1 is over already")) { try decide(log, .end(1)) }
    #expect(throws: Refusal.self) { try decide(log, .end(7)) }
    log.apply(try decide(log, .start(FreezePlan(title: "u"))))
    #expect(log.standing.keys.sorted() == [2])
  }

  @Test func `who may declare and end freezes, headgate yaml says`() throws {
    let policy = FreezePolicy(start: ["manager"], end: ["sre"])
    let plan = FreezePlan(title: "t")
    let refused = #expect(throws: Refusal.self) { try decide(FreezeLog(), .start(plan), policy: policy) }
    #expect(refused?.description.contains("manager") == true)
    var log = FreezeLog()
    log.apply(try decide(log, .start(plan), holding: ["manager"], policy: policy))
    #expect(throws: Refusal.self) { try decide(log, .end(1), holding: ["manager"], policy: policy) }
    log.apply(try decide(log, .end(1), holding: ["sre"], policy: policy))
    #expect(log.standing.isEmpty)
  }

  @Test func `a log made of what stands goes on as the one it was made of`() throws {
    let before = try log(FreezePlan(title: "a"), FreezePlan(title: "b", until: now + .hours(1)))
    let after = FreezeLog(last: before.last, standing: Array(before.standing.values))
    #expect(after == before)
  }

  // MARK: What it covers

  @Test func `it covers its services and its environment, and what names no service`() throws {
    let log = try log(FreezePlan(title: "t", services: ["api"], environment: "production"))
    #expect(log.freeze(of: ["api", "web"], in: "production", at: now) != nil)
    #expect(log.freeze(of: ["web"], in: "production", at: now) == nil)
    #expect(log.freeze(of: ["api"], in: "staging", at: now) == nil)
    #expect(log.freeze(of: [], in: "production", at: now) != nil)
  }

  @Test func `it holds from its beginning until before its end, and of several the longest is told`() throws {
    var log = try log(
      FreezePlan(title: "short", until: now + .hours(1)),
      FreezePlan(title: "long", from: now + .minutes(30), until: now + .hours(2)))
    func number(_ minutes: Int64) -> Int64? { log.freeze(of: ["x"], in: "e", at: now + .minutes(minutes))?.number }
    #expect([0, 29, 30, 59, 60, 119, 120].map(number) == [1, 1, 2, 2, 2, 2, nil])
    log.forget(before: now + .hours(1))
    #expect(log.standing.keys.sorted() == [2])
  }

  // MARK: Flags

  private func frozen(
    _ plan: FreezePlan = FreezePlan(title: "t", until: Flagship.noon + .hours(4)), _ policy: FlagPolicy = FlagPolicy()
  ) throws -> Flagship {
    var ship = Flagship(policy)
    try ship.create(.staging)
    ship.freezes = try log(plan)
    return ship
  }

  @Test func `no change of a flag goes ahead while a freeze holds, but what takes it away from people does`() throws {
    var ship = try frozen()
    for deed in [FlagDeed.turnOn(variant: "on"), .set(FlagDraft(definition: Flagship.toggle)), .archive] {
      let refusal = #expect(throws: Refusal.self) { try ship.wish(deed, of: .staging) }
      #expect(refusal?.description.contains("freeze 1 (\"t\") holds until") == true, "\(deed)")
    }
    #expect(try ship.wish(.kill, of: .staging).map(\.shorthand) == ["revised 2"])
    ship.now = ship.now + .hours(4)
    #expect(try ship.wish(.turnOn(variant: "on"), of: .staging, reason: "over").map(\.shorthand) == ["revised 3"])
    ship.freezes = try log(FreezePlan(title: "again", from: ship.now, until: ship.now + .hours(8)))
    #expect(try ship.wish(.turnOff, of: .staging).map(\.shorthand) == ["revised 4"])
  }

  @Test func `a flag that names the services that read it is held by their freezes alone`() throws {
    var ship = Flagship()
    let contract = FlagContract(services: ["search"])
    try ship.wish(.create(FlagDraft(definition: Flagship.toggle, contract: contract)), of: .staging)
    ship.freezes = try log(FreezePlan(title: "t", services: ["checkout"]))
    #expect(try ship.wish(.turnOn(variant: "on"), of: .staging).map(\.shorthand) == ["revised 2"])
    ship.freezes = try log(FreezePlan(title: "t", services: ["search"]))
    #expect(throws: Refusal.self) { try ship.wish(.turnOn(variant: "off"), of: .staging) }
  }

  @Test func `what is asked for after the end, or only proposed, may be asked for while it holds`() throws {
    var ship = try frozen()
    let later = try ship.wish(.turnOn(variant: "on"), of: .staging) { $0.at = Flagship.noon + .hours(5) }
    #expect(later.map(\.shorthand) == ["proposal 1 scheduled"])
    let proposed = try ship.wish(.turnOn(variant: "on"), of: .staging) { $0.onlyProposes = true }
    #expect(proposed.map(\.shorthand) == ["proposal 2 open"])
  }

  @Test func `what is approved while it holds happens when it is over`() throws {
    var ship = try frozen()
    try ship.wish(.turnOn(variant: "on"), of: .staging) { $0.onlyProposes = true }
    let hash = try #require(ship.ledger.proposal(1)).hash
    #expect(try ship.ask(.approve(1, hash: hash), by: "bob").map(\.shorthand) == ["proposal 1 held by 1"])
    #expect(ship.wait(.hours(3)) == [])
    #expect(ship.wait(.hours(1)).map(\.shorthand) == ["proposal 1 applied", "revised 2"])
  }

  @Test func `a change that comes due while it holds waits for the end, and for another's that holds it then`() throws {
    var ship = try frozen(FreezePlan(title: "t", from: Flagship.noon + .hours(1), until: Flagship.noon + .hours(4)))
    try ship.wish(.turnOn(variant: "on"), of: .staging) { $0.at = Flagship.noon + .hours(2) }
    #expect(ship.wait(.hours(2)).map(\.shorthand) == ["proposal 1 held by 1"])
    ship.freezes.apply(.started(Freeze(number: 2, title: "for good", from: ship.now)))
    #expect(ship.wait(.hours(2)).map(\.shorthand) == ["proposal 1 held by 2"])
    #expect(ship.wait(.hours(900)) == [])
    ship.freezes.apply(.ended(try #require(ship.freezes.standing[2])))
    #expect(ship.wait(.hours(0)).map(\.shorthand) == ["proposal 1 applied", "revised 2"])
  }

  @Test func `what a freeze holds can be rejected, and is void where the flag goes on without it`() throws {
    var ship = try frozen()
    for id in 1...2 as ClosedRange<Int64> {
      try ship.wish(.turnOn(variant: "on"), of: .staging) { $0.onlyProposes = true }
      try ship.ask(.approve(id, hash: try #require(ship.ledger.proposal(id)).hash), by: "bob")
    }
    #expect(try ship.ask(.reject(1), by: "bob").map(\.shorthand) == ["proposal 1 rejected"])
    #expect(try ship.wish(.kill, of: .staging).map(\.shorthand) == ["revised 2", "proposal 2 void"])
  }

  @Test func `glass is broken past a freeze with a reason, and listed for review`() throws {
    var ship = try frozen()
    let silent = #expect(throws: Refusal.self) {
      try ship.wish(.turnOn(variant: "on"), of: .staging) { $0.breaksGlass = true }
    }
    #expect(silent?.description.hasPrefix("to go past a freeze needs a reason") == true)
    let facts = try ship.wish(.turnOn(variant: "on"), of: .staging, reason: "INC-4") { $0.breaksGlass = true }
    #expect(facts.map(\.shorthand) == ["proposal 1 broke glass", "revised 2"])
  }
}
