import Engine
import PipelineModel
import Testing

// Who acts, and who may be one and the same: a name that an account gives is not known to be that person.

@Suite struct PrincipalTests {
  private let ada = Principal.person("ada")
  private let adaByCI = Principal.person("ada", saidBy: "ci")

  @Test func `who was named by an account is written so, and read again`() {
    #expect(adaByCI.description == "said:ci:ada")
    #expect(adaByCI.phrase == "ada (said by ci)")
    for principal in [ada, adaByCI, .controller, .person("a:b", saidBy: "ci"), Principal(kind: .token, name: "shop")] {
      #expect(Principal(principal.description) == principal)
    }
    for wrong in ["said:ada", "said::ada", "nobody:x", "ada"] { #expect(Principal(wrong) == nil) }
  }

  @Test func `an account that names itself is itself`() {
    #expect(Principal.person("ada", saidBy: "ada") == ada)
  }

  @Test func `the same name, and the account behind a name, may be the same person`() {
    #expect(adaByCI.mayBe(ada) && ada.mayBe(adaByCI))
    #expect(adaByCI.mayBe(.person("ci")) && Principal.person("ci").mayBe(adaByCI))
    #expect(!adaByCI.mayBe(.person("bob", saidBy: "ci")))
    #expect(!ada.mayBe(.person("bob")))
    #expect(!ada.mayBe(Principal(kind: .token, name: "ada")))
  }

  @Test func `who names others is not the second pair of eyes`() throws {
    var ship = Flagship()
    let wish = FlagAct.wish(FlagWish(.production, .create(FlagDraft(definition: Flagship.toggle))))
    try ship.ask(wish, as: .person("bob", saidBy: "ann"))
    let hash = try #require(ship.ledger.proposal(1)).hash
    for same in [Principal.person("ann"), .person("bob"), .person("bob", saidBy: "eve")] {
      #expect(throws: Refusal.self) { try ship.ask(.approve(1, hash: hash), as: same) }
    }
    try ship.ask(.approve(1, hash: hash), as: .person("carol", saidBy: "ann"))
    #expect(ship.ledger.head(.production)?.number == 1)
  }
}
