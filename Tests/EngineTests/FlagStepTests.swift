import Engine
import Flags
import PipelineModel
import Testing

/// Steps of ramps: monotone, nobody else moves, last in first out, once each.
struct FlagStepTests {
  private static let steps = [0, 1000, 10_000, 50_000, 100_000]

  private func holders(_ ship: Flagship, of variant: String, country: String) throws -> Set<Int> {
    let flag = try ship.flag(.staging)
    return Set(
      (0..<1500).filter {
        flag.resolve(Flagship.user($0, [("country", .text(country))]), at: ship.now).variant == variant
      })
  }

  /// What stands in a definition before a ramp begins: variants and a rule.
  private static let rules: [String?] = [
    nil, "null", "{}",
    #"{"if":[{"==":[{"var":"country"},"de"]},"blue"]}"#,
    #"{"if":[{"==":[{"var":"country"},"de"]},"blue",null]}"#,
    #"{"if":[{"==":[{"var":"country"},"de"]},"blue","off"]}"#,
    #"{"if":[{"==":[{"var":"country"},"de"]},"blue",{"==":[{"var":"country"},"ch"]},null,{"if":[{"==":[{"var":"x"},1]},"blue"]}]}"#,
    #"{"fractional":[["blue",1],["off",3]]}"#,
    #"{"fractional":[{"cat":["salt",{"var":"targetingKey"}]},["on",0],["off",50],["blue",50]]}"#,
  ]

  @Test(arguments: rules)
  func `a ramp takes nobody out, goes back last in first out, and moves nobody who has another variant`(
    _ rule: String?
  ) throws {
    var ship = Flagship()
    let targeting = rule.map { #","targeting":\#($0)"# } ?? ""
    let definition =
      #"{"state":"ENABLED","variants":{"on":1,"off":0,"blue":2},"defaultVariant":"off"\#(targeting)}"#
    try ship.ask(.wish(FlagWish(.staging, .import(FlagDraft(definition: definition)))))
    for country in ["de", "at", "ch"] {
      var ship = ship
      let others = try holders(ship, of: "blue", country: country)
      var seen: [Set<Int>] = []
      let most = rule?.contains("fractional") == true ? 0.5 : 1
      for (effect, step) in Self.steps.enumerated() {
        try ship.step(.staging, "on", Int(Double(step) * most), effect: effect)
        seen.append(try holders(ship, of: "on", country: country))
        #expect(try holders(ship, of: "blue", country: country) == others, "\(rule ?? "none") at \(step)")
      }
      #expect(seen[0] == [])
      for (before, after) in zip(seen, seen.dropFirst()) { #expect(before.isSubset(of: after)) }
      for (index, step) in Self.steps.enumerated().reversed().dropFirst() {
        try ship.step(.staging, "on", Int(Double(step) * most), effect: 100 - index)
        #expect(try holders(ship, of: "on", country: country) == seen[index])
      }
    }
  }

  @Test func `the movers predicted for a step are those who move`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.wish(.turnOn(variant: "off"), of: .staging)
    let people = (0..<2000).map { Flagship.user($0) }
    for (effect, step) in [1000, 10_000, 50_000, 20_000].enumerated() {
      let before = try #require(ship.ledger.head(.staging))
      let seen = try people.map { try ship.flag(.staging).resolve($0, at: ship.now).value }
      try ship.step(.staging, "on", step, effect: effect)
      let after = try #require(ship.ledger.head(.staging))
      let predicted = Reckoning(from: before, to: after, over: people, at: ship.now).movement
      let flag = try ship.flag(.staging)
      let moved = people.indices.filter { flag.resolve(people[$0], at: ship.now).value != seen[$0] }
      #expect(predicted.movers == moved)
      #expect(!moved.isEmpty)
    }
  }

  @Test func `a step asked for twice is done once`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.step(.staging, "on", 1000, effect: 4)
    #expect(try ship.step(.staging, "on", 1000, effect: 4) == [])
    #expect(ship.ledger.head(.staging)?.number == 2)
    #expect(ship.ledger.head(.staging)?.contract.rollout == RunID(1))
  }

  @Test func `a ramp does not turn on a flag whose rule would move others`() throws {
    var ship = Flagship()
    try ship.create(
      .staging,
      #"{"state":"ENABLED","variants":{"on":1,"off":0,"blue":2},"defaultVariant":"off","targeting":"#
        + #"{"if":[{"==":[{"var":"country"},"de"]},"blue",{"==":[{"var":"country"},"at"]},"on"]}}"#)
    #expect(throws: Refusal.self) { try ship.step(.staging, "on", 1000) }
    try ship.wish(.turnOn(variant: nil), of: .staging)
    try ship.step(.staging, "on", 1000)
  }

  @Test(arguments: [
    (#"{"fractional":[["on",1],["off",2]]}"#, "sum to 3"),
    (#"{"fractional":[["blue",1],["on",1]]}"#, "`off` is not in its split"),
    (#"{"in":["a",{"var":"x"}]}"#, "ends in `in`"),
    (#"{"if":[{"var":"x"},"on","blue"]}"#, "has `blue`, and not `off`"),
    (#"{"fractional":[["on",{"var":"w"}],["off",1]]}"#, "computed"),
  ])
  func `a ramp that would move others is refused`(_ rule: String, _ why: String) throws {
    var definition = try FlagDefinition(
      text: #"{"state":"ENABLED","variants":{"on":1,"off":0,"blue":2},"defaultVariant":"off","targeting":\#(rule)}"#)
    let before = definition
    let refusal = #expect(throws: StepRefusal.self) { try definition.step("on", to: 1000, against: "off") }
    #expect(refusal?.description.contains(why) == true, "\(refusal?.description ?? "none")")
    #expect(definition == before)
  }

  @Test func `a gate that says no takes the variant from everybody, and the flag stays so`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.step(.staging, "on", 50_000, effect: 1)
    try ship.step(.staging, "on", 0, effect: 2, latches: true)
    #expect(ship.ledger.head(.staging)?.isLatched == true)
    #expect(try ship.variant(.staging, of: 1) == "off")
    #expect(throws: Refusal.self) { try ship.step(.staging, "on", 1000, effect: 3) }
    try ship.wish(.turnOn(variant: nil), of: .staging, reason: "mended")
    try ship.step(.staging, "on", 1000, effect: 1, run: 2)
    #expect(try ship.flag(.staging).definition.written.contains("1000") == true)
  }

  @Test func `a flag that was killed meanwhile can be taken back, and not grow`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.step(.staging, "on", 50_000, effect: 1)
    try ship.wish(.kill, of: .staging)
    #expect(throws: Refusal.self) { try ship.step(.staging, "on", 100_000, effect: 2) }
    try ship.step(.staging, "on", 0, effect: 3)
    let head = try #require(ship.ledger.head(.staging))
    #expect(try head.parsed().state == .disabled)
    #expect(head.isLatched)
    #expect(try ship.step(.staging, "on", 0, effect: 3) == [])
  }

  @Test func `a ramp in production needs the approvals of its run, and taking back needs none`() throws {
    var ship = Flagship()
    let approval = FlagContract.Approval(by: .person("bob"), at: ship.now, proposal: "sha256:0")
    let proposed = try ship.create(.production)
    guard case .proposal(let proposal) = proposed[0] else { throw Refusal("no proposal") }
    try ship.ask(.approve(1, hash: proposal.hash), by: "bob")
    #expect(throws: Refusal.self) { try ship.step(.production, "on", 1000) }
    try ship.step(.production, "on", 1000, effect: 1, approvals: [approval])
    try ship.step(.production, "on", 10_000, effect: 2)
    #expect(throws: Refusal.self) { try ship.step(.production, "on", 50_000, effect: 1, run: 2) }
    try ship.step(.production, "on", 0, effect: 3)
  }

  @Test func `people are not put into other buckets by a ramp`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    let step = FlagStep(run: RunID(1), effect: EffectID(1), variant: "on", weight: 1000)
    #expect(throws: Refusal.self) {
      try ship.ledger.decide(step, of: .staging, pinnedTo: .v3, in: ship.circumstances("ada", nil))
    }
  }

  @Test func `a flag is switched off in place of a rollback, once`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    try ship.wish(.turnOn(variant: nil), of: .staging)
    let facts = try ship.ledger.switchOff(.staging, run: RunID(3), effect: EffectID(9))
    for fact in facts { ship.ledger.fold(fact) }
    let head = try #require(ship.ledger.head(.staging))
    #expect(head.change == .switchedOff(run: RunID(3), effect: EffectID(9)))
    #expect(head.isLatched)
    #expect(try ship.ledger.switchOff(.staging, run: RunID(3), effect: EffectID(9)) == [])
  }

  // MARK: Approvals

  private static let manyMove = FlagPolicy(environments: [
    .init(name: "staging", movers: .init(above: .percent(5), approvals: 2))
  ])

  private func approvals(_ people: String...) -> [FlagContract.Approval] {
    people.map { FlagContract.Approval(by: .person($0), at: Flagship.noon, proposal: "sha256:x") }
  }

  @Test func `how many approvals a step wants goes by all that its run has moved, however small the step`() throws {
    var ship = Flagship(Self.manyMove)
    try ship.create(.staging)
    var on = FlagWish(.staging, .turnOn(variant: "off"))
    on.breaksGlass = true
    try ship.ask(.wish(on), reason: "off for everybody, but on")
    let base = try #require(ship.ledger.head(.staging))
    for (effect, weight) in [2000, 4000].enumerated() {
      try ship.step(.staging, "on", weight, effect: effect, since: base)
    }
    let refusal = #expect(throws: Refusal.self) { try ship.step(.staging, "on", 8000, effect: 3, since: base) }
    #expect(
      refusal?.description.contains("after 2 approvals only, and the run has 0") == true,
      "\(refusal?.description ?? "")")
    #expect(throws: Refusal.self) {
      try ship.step(.staging, "on", 8000, effect: 4, approvals: approvals("bob"), since: base)
    }
    try ship.step(.staging, "on", 8000, effect: 5, approvals: approvals("bob", "carol"), since: base)
    try ship.step(.staging, "on", 0, effect: 6, since: base)
  }

  @Test func `a step on another revision than the run was asked for on gives nobody more of it`() throws {
    var ship = Flagship()
    try ship.create(.staging)
    let base = try #require(ship.ledger.head(.staging))
    try ship.wish(.set(FlagDraft(definition: base.definition, contract: FlagContract(owner: "x"))), of: .staging)
    let refusal = #expect(throws: Refusal.self) { try ship.step(.staging, "on", 1000, since: base) }
    #expect(refusal?.description.contains("went on to revision 2 after the run was asked for on revision 1") == true)
    let now = try #require(ship.ledger.head(.staging))
    try ship.step(.staging, "on", 1000, since: now)
    try ship.step(.staging, "on", 2000, effect: 2, since: now)
  }
}
