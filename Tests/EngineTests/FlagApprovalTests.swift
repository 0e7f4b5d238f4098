import Engine
import Flags
import PipelineModel
import Testing

/// Who may do what, and whose consent it takes.
struct FlagApprovalTests {
  private static let draft = FlagDraft(definition: Flagship.toggle)

  private func ship(_ alter: (inout FlagPolicy.Environment) -> Void = { _ in }) -> Flagship {
    var production = FlagPolicy.Environment(name: "production", approvals: 1)
    alter(&production)
    return Flagship(FlagPolicy(environments: [.init(name: "staging"), production]))
  }

  private func seen(_ ship: Flagship, _ id: Int64 = 1) throws -> String { try #require(ship.ledger.proposal(id)).hash }

  /// A flag in production, off, with two people's consent.
  private func made(_ alter: (inout FlagPolicy.Environment) -> Void = { _ in }) throws -> Flagship {
    var ship = ship()
    try ship.create(.production)
    try ship.ask(.approve(1, hash: try seen(ship)), by: "bob")
    var production = FlagPolicy.Environment(name: "production", approvals: 1)
    alter(&production)
    ship.policy = FlagPolicy(environments: [.init(name: "staging"), production])
    return ship
  }

  @Test func `a change of production happens with somebody else's consent, and says whose`() throws {
    var ship = ship()
    #expect(try ship.create(.production).map(\.shorthand) == ["proposal 1 open"])
    #expect(ship.ledger.head(.production) == nil)
    #expect(throws: Refusal("ada asked for proposal 1 and may not approve it")) {
      try ship.ask(.approve(1, hash: seen(ship)), by: "ada")
    }
    let hash = try seen(ship)
    #expect(try ship.ask(.approve(1, hash: hash), by: "bob").map(\.shorthand) == ["proposal 1 applied", "revised 1"])
    let approvals = try #require(ship.ledger.head(.production)).contract.approvals
    #expect(approvals == [.init(by: .person("bob"), at: ship.now, proposal: hash)])
    #expect(throws: Refusal.self) { try ship.ask(.approve(1, hash: hash), by: "carol") }
  }

  @Test(arguments: [FlagDeed.turnOn(variant: nil), .archive, .set(draft.with(owner: "x")), .turnOn(variant: "on")])
  func `everything that changes production waits, whatever it is`(_ deed: FlagDeed) throws {
    var ship = try made()
    #expect(try ship.wish(deed, of: .production).map(\.shorthand) == ["proposal 2 open"])
    #expect(ship.ledger.head(.production)?.number == 1)
  }

  @Test func `a kill waits for nobody`() throws {
    var ship = try made()
    try ship.wish(.turnOn(variant: nil), of: .production)
    try ship.ask(.approve(2, hash: try seen(ship, 2)), by: "bob")
    #expect(try ship.wish(.kill, of: .production, by: "zoe").map(\.shorthand) == ["revised 3"])
    let later = ship.now + .hours(1)
    #expect(throws: Refusal.self) { try ship.wish(.kill, of: .production) { $0.at = later } }
  }

  @Test func `an edited proposal has no approvals, and its editor may not approve it`() throws {
    var ship = ship { $0.approvals = 2 }
    try ship.create(.production)
    let first = try seen(ship)
    try ship.ask(.approve(1, hash: first), by: "bob")
    try ship.ask(.amend(1, Self.draft.with(owner: "payments")), by: "carol")
    #expect(ship.ledger.proposal(1)?.approvals == [])
    #expect(throws: Refusal.self) { try ship.ask(.approve(1, hash: first), by: "dora") }
    let second = try seen(ship)
    #expect(first != second)
    #expect(throws: Refusal("carol asked for proposal 1 and may not approve it")) {
      try ship.ask(.approve(1, hash: second), by: "carol")
    }
    try ship.ask(.approve(1, hash: second), by: "bob")
    #expect(throws: Refusal("bob has approved proposal 1 already")) {
      try ship.ask(.approve(1, hash: second), by: "bob")
    }
    try ship.ask(.approve(1, hash: second), by: "dora")
    #expect(ship.ledger.head(.production)?.contract.owner == "payments")
  }

  @Test func `approvals are bound to environment, key, base and text`() throws {
    let base = FlagRevision(name: .production, number: 2, change: .changed, definition: Flagship.toggle)
    func hash(_ alter: (inout FlagRevision) -> Void) -> String {
      var revision = base
      alter(&revision)
      return FlagProposal(
        id: 1, revision: revision, requester: .person("ada"), requestedAt: Flagship.noon, expires: Flagship.noon,
        approvalsNeeded: 1
      ).hash
    }
    let hashes = [
      hash { _ in }, hash { $0.name.environment = "staging" }, hash { $0.name.key = "other" }, hash { $0.number = 3 },
      hash { $0.definition = "{}" }, hash { $0.contract.owner = "x" }, hash { $0.generation = .v3 },
    ]
    #expect(Set(hashes).count == hashes.count)
    #expect(hashes.allSatisfy { $0.hasPrefix("digest of ") })
    // Who approved is no part of what is approved.
    #expect(
      hash { $0.contract.approvals = [.init(by: .person("bob"), at: Flagship.noon, proposal: "x")] } == hashes[0])
  }

  @Test func `a proposal that nobody approves in time has expired`() throws {
    var ship = ship { $0.expires = .hours(2) }
    try ship.create(.production)
    let hash = try seen(ship)
    #expect(ship.ledger.alarm == ship.now + .hours(2))
    #expect(ship.wait(.minutes(119)) == [])
    #expect(ship.wait(.minutes(1)).map(\.shorthand) == ["proposal 1 expired"])
    #expect(throws: Refusal.self) { try ship.ask(.approve(1, hash: hash), by: "bob") }
  }

  @Test func `a proposal is void once the flag has changed`() throws {
    var ship = try made()
    try ship.wish(.turnOn(variant: nil), of: .production)
    #expect(try ship.wish(.set(Self.draft.with(owner: "x")), of: .production).map(\.shorthand) == ["proposal 3 open"])
    let facts = try ship.ask(.approve(2, hash: try seen(ship, 2)), by: "bob")
    #expect(facts.map(\.shorthand) == ["proposal 2 applied", "revised 2", "proposal 3 void"])
  }

  @Test func `roles say who may change, approve and kill`() throws {
    var ship = ship {
      $0.change = ["release-manager"]
      $0.approve = ["sre"]
      $0.kill = ["sre"]
    }
    ship.held = ["rita": ["release-manager"], "sam": ["sre"], "dan": ["developer"]]
    #expect(throws: Refusal.self) { try ship.create(.production, by: "dan") }
    #expect(throws: Refusal.self) { try ship.create(.production, by: "sam") }
    try ship.create(.production, by: "rita")
    let hash = try seen(ship)
    #expect(throws: Refusal.self) { try ship.ask(.approve(1, hash: hash), by: "dan") }
    #expect(throws: Refusal.self) { try ship.ask(.reject(1), by: "dan") }
    try ship.ask(.approve(1, hash: hash), by: "sam")
    #expect(throws: Refusal.self) { try ship.wish(.kill, of: .production, by: "rita") }
    try ship.wish(.kill, of: .production, by: "sam")
    #expect(throws: Refusal.self) { try ship.create(FlagName(environment: "nowhere", key: "f")) }
  }

  @Test func `glass is broken with a reason, and somebody else looks at it afterwards`() throws {
    var ship = try made { $0.breakGlass = ["sre"] }
    ship.held = ["sam": ["sre"]]
    #expect(throws: Refusal.self) {
      try ship.wish(.turnOn(variant: nil), of: .production, by: "ada", reason: "INC-9") { $0.breaksGlass = true }
    }
    #expect(throws: Refusal.self) {
      try ship.wish(.turnOn(variant: nil), of: .production, by: "sam") { $0.breaksGlass = true }
    }
    let facts = try ship.wish(.turnOn(variant: nil), of: .production, by: "sam", reason: "INC-9") {
      $0.breaksGlass = true
    }
    #expect(facts.map(\.shorthand) == ["proposal 2 broke glass", "revised 2"])
    #expect(ship.ledger.pending.map(\.id) == [2])
    #expect(throws: Refusal.self) { try ship.ask(.approve(2, hash: seen(ship, 2)), by: "sam") }
    #expect(throws: Refusal.self) { try ship.ask(.reject(2), by: "bob") }
    let reviewed = try ship.ask(.approve(2, hash: try seen(ship, 2)), by: "bob")
    #expect(reviewed.map(\.shorthand) == ["proposal 2 reviewed"])
    #expect(ship.ledger.pending == [])
  }

  @Test func `more people moving need more approvals`() throws {
    var ship = try made { $0.movers = .init(above: .percent(5), approvals: 2) }
    try ship.wish(.set(FlagDraft(definition: Self.split(3))), of: .production)
    // Off before, off after: nobody moves.
    #expect(ship.ledger.proposal(2)?.movers?.moved == 0)
    #expect(ship.ledger.proposal(2)?.approvalsNeeded == 1)
    try ship.ask(.approve(2, hash: try seen(ship, 2)), by: "bob")
    try ship.wish(.turnOn(variant: nil), of: .production)
    #expect(ship.ledger.proposal(3)?.approvalsNeeded == 2)
    #expect(ship.ledger.proposal(3)?.movers?.share == 1)
    #expect(try ship.ask(.approve(3, hash: try seen(ship, 3)), by: "bob").map(\.shorthand) == ["proposal 3 open"])
    try ship.ask(.approve(3, hash: try seen(ship, 3)), by: "carol")
    try ship.wish(.set(FlagDraft(definition: Self.split(6, state: "ENABLED"))), of: .production)
    #expect(ship.ledger.proposal(4)?.approvalsNeeded == 1)
    try ship.wish(.set(FlagDraft(definition: Self.split(30, state: "ENABLED"))), of: .production)
    #expect(ship.ledger.proposal(5)?.approvalsNeeded == 2)
  }

  @Test(arguments: [
    // By now it is on for everybody, and would have been off in 1970.
    #"{">": [{"var": "$flagd.timestamp"}, 1000]}"#,
    #"{"!!": [{"var": "email"}]}"#,
    // Nobody can be made up who meets it.
    #"{"==": [{"cat": [{"var": "a"}, {"var": "b"}]}, "x-y"]}"#,
  ])
  func `a change that may move many is not taken for one that moves nobody`(_ condition: String) throws {
    var ship = try made { $0.movers = .init(above: .percent(5), approvals: 2) }
    let definition = #"""
      {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
       "targeting": {"if": [\#(condition), "on", "off"]}}
      """#
    try ship.wish(.set(FlagDraft(definition: definition)), of: .production)
    #expect(ship.ledger.proposal(2)?.approvalsNeeded == 2)
  }

  @Test func `a revision says who asked for it, and by which proposal`() throws {
    var ship = try made()
    let due = ship.now + .hours(1)
    try ship.wish(.turnOn(variant: nil), of: .production, by: "dan", reason: "nightly") { $0.at = due }
    try ship.ask(.approve(2, hash: try seen(ship, 2)), by: "bob", reason: "fine")
    _ = ship.wait(.hours(1))
    let head = try #require(ship.ledger.head(.production))
    #expect(head.asked == .init(2, by: .person("dan"), reason: "nightly"))
    #expect(head.contract.approvals.map(\.by) == [.person("bob")])
    try ship.wish(.kill, of: .production)
    #expect(ship.ledger.head(.production)?.asked == nil)
  }

  private static func split(_ percent: Int, state: String = "DISABLED") -> String {
    #"{"state":"\#(state)","variants":{"on":true,"off":false},"defaultVariant":"off","targeting":"#
      + #"{"fractional":[["on",\#(percent)],["off",\#(100 - percent)]]}}"#
  }

  // MARK: Schedules

  @Test func `an approved change happens in its time`() throws {
    var ship = try made()
    let due = ship.now + .hours(48)
    try ship.wish(.turnOn(variant: nil), of: .production) { $0.at = due }
    #expect(try ship.ask(.approve(2, hash: try seen(ship, 2)), by: "bob").map(\.shorthand) == ["proposal 2 scheduled"])
    #expect(ship.ledger.alarm == due)
    #expect(ship.wait(.hours(47)) == [])
    #expect(ship.wait(.hours(1)).map(\.shorthand) == ["proposal 2 applied", "revised 2"])
    let now = ship.now
    #expect(throws: Refusal.self) { try ship.wish(.turnOff, of: .production) { $0.at = now } }
  }

  @Test func `a schedule is looked at again when it is due`() throws {
    let due = Flagship.noon + .hours(30)
    for spoil in [
      { (ship: inout Flagship) in ship.held["bob"] = [] }, { $0.held["ada"] = [] },
      { $0.ramping[.production] = RunID(7) },
      { $0.policy.environments[1].approvals = 2 }, { $0.policy.environments.removeLast() },
    ] as [(inout Flagship) -> Void] {
      var ship = try made {
        $0.change = ["dev"]
        $0.approve = ["lead"]
      }
      ship.held = ["ada": ["dev"], "bob": ["lead"]]
      try ship.wish(.turnOn(variant: nil), of: .production) { $0.at = due }
      try ship.ask(.approve(2, hash: try seen(ship, 2)), by: "bob")
      spoil(&ship)
      #expect(ship.wait(.hours(30)).map(\.shorthand) == ["proposal 2 void"])
      #expect(ship.ledger.head(.production)?.number == 1)
    }
  }

  @Test func `where nobody has to approve a schedule needs nothing else, and can be taken back`() throws {
    var ship = ship()
    try ship.create(.staging)
    let later = ship.now + .hours(1)
    try ship.wish(.turnOn(variant: nil), of: .staging) { $0.at = later }
    #expect(ship.ledger.pending.map(\.state) == [.scheduled])
    try ship.ask(.reject(1))
    #expect(ship.wait(.hours(2)) == [])
  }

  @Test func `one may ask for approval also where none is wanted`() throws {
    var ship = ship()
    try ship.create(.staging)
    #expect(
      try ship.wish(.turnOn(variant: nil), of: .staging) { $0.onlyProposes = true }.map(\.shorthand)
        == ["proposal 1 open"])
    try ship.ask(.approve(1, hash: try seen(ship)), by: "bob")
    #expect(ship.ledger.head(.staging)?.number == 2)
  }
}

extension FlagDraft {
  fileprivate func with(owner: String) -> FlagDraft {
    var draft = self
    draft.contract.owner = owner
    return draft
  }
}
