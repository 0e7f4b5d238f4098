import LiveRig
import Testing

/// Who may go past a gate.
@Suite struct OverrideTests {
  @Test func `where overrides names roles, only who holds one promotes past a gate, and a refusal is on record`()
    async throws
  {
    let more = "roles: { release-manager: [rita] }\noverrides: [release-manager]\nactingFor: anybody"
    try await EdgeShop.open(more: more) { shop in
      let run = try await shop.runToTheFirstStep()
      for scope in [[], ["--all"]] {
        let refused = try await shop.headgate.run(
          ["promote", "1", "--as", "ann", "--reason", "it looks fine"] + scope)
        #expect(refused.code == 1, "\(refused.all)")
        #expect(
          refused.errors.contains(
            "run 1 of shop: ann may not promote it: only release-manager may, says `overrides:` in headgate.yaml"),
          "\(refused.all)")
      }
      #expect(shop.weight == "25")
      let record = try await shop.headgate("audit", "list", "--actor", "ann")
      #expect(record.out.contains("refused"), "\(record.all)")
      let promoted = try await shop.headgate("promote", "1", "--all", "--as", "rita", "--reason", "INC-88")
      try #require(promoted.code == 0, "\(promoted.all)")
      #expect(try await run.ending() == 0)
      #expect(shop.weight == "100")
    }
  }

  @Test func `a role that nobody explains is a mistake of the file`() async throws {
    try await EdgeShop.open(more: "roles: { release-manager: [rita] }\noverrides: [release-manger]") { shop in
      let ending = try await shop.headgate("validate", "headgate.yaml")
      #expect(ending.code == 65, "\(ending.all)")
      #expect(ending.all.contains("did you mean `release-manager`?"), "\(ending.all)")
    }
  }
}
