import Engine
import Flags
import PipelineModel
import Testing

// A flag is put away when nobody would notice: shown on the ledger, with what somebody counted as an argument.

@Suite struct FlagQuietTests {
  private func ship(_ policy: FlagPolicy = FlagPolicy(), isOn: Bool = true) throws -> Flagship {
    var ship = Flagship(policy)
    try ship.create(.staging)
    if isOn { try ship.wish(.turnOn(variant: "on"), of: .staging) }
    ship.now = ship.now + .hours(48)
    return ship
  }

  private func used(_ ship: Flagship, hoursAgo alone: Int64? = nil, withOthers: Int64? = nil) -> Flagship {
    var ship = ship
    ship.uses[.staging] = FlagUse(
      alone: alone.map { ship.now + .hours(-$0) }, withOthers: withOthers.map { ship.now + .hours(-$0) })
    return ship
  }

  private func refusal(_ ship: Flagship) -> String? {
    var ship = ship
    do throws(Refusal) {
      try ship.wish(.archive, of: .staging)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func `a flag that was asked for within a day is not archived`() throws {
    #expect(refusal(used(try ship(), hoursAgo: 23))?.hasPrefix("applications still ask for new-checkout") == true)
    #expect(refusal(used(try ship(), hoursAgo: 25)) == nil)
  }

  @Test func `one that is given out with all others must have been off for a day`() throws {
    let refusal = refusal(used(try ship(), withOthers: 0))
    #expect(refusal?.contains("with all other flags") == true && refusal?.contains("flag off new-checkout") == true)
    #expect(self.refusal(used(try ship(), withOthers: 25)) == nil)
    var new = Flagship()
    try new.create(.staging)
    #expect(self.refusal(used(new, withOthers: 0)) == nil)
    var off = try ship()
    try off.wish(.turnOff, of: .staging)
    #expect(self.refusal(used(off, withOthers: 0)) != nil)
    off.now = off.now + .hours(24)
    #expect(self.refusal(used(off, withOthers: 0)) == nil)
  }

  @Test func `it is looked at again when the approval comes`() throws {
    var ship = try ship()
    try ship.wish(.archive, of: .staging) { $0.onlyProposes = true }
    let hash = try #require(ship.ledger.proposal(1)).hash
    var busy = used(ship, hoursAgo: 1)
    let refusal = #expect(throws: Refusal.self) { try busy.ask(.approve(1, hash: hash), by: "bob") }
    #expect(refusal?.description.hasPrefix("applications still ask for") == true)
    #expect(try ship.ask(.approve(1, hash: hash), by: "bob").map(\.shorthand) == ["proposal 1 applied", "revised 3"])
  }

  @Test func `it is looked at again when its time comes`() throws {
    var ship = try ship()
    let due = ship.now + .hours(1)
    try ship.wish(.archive, of: .staging) { $0.at = due }
    ship.uses[.staging] = FlagUse(alone: due)
    #expect(ship.wait(.hours(1)).map(\.shorthand) == ["proposal 1 void"])
  }

  @Test func `a reason puts it away all the same`() throws {
    var ship = used(try ship(), hoursAgo: 1)
    #expect(throws: Refusal.self) { try ship.wish(.archive, of: .staging) { $0.breaksGlass = true } }
    #expect(
      try ship.wish(.archive, of: .staging, reason: "INC-1") { $0.breaksGlass = true }.map(\.shorthand) == ["revised 3"]
    )
  }

  @Test func `who kills a flag that was killed changes nothing, and is not refused`() throws {
    var ship = try ship()
    #expect(try ship.wish(.kill, of: .staging).map(\.shorthand) == ["revised 3"])
    #expect(try ship.wish(.kill, of: .staging) == [])
  }
}
