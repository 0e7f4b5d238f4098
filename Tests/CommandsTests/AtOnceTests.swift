import LiveRig
import Testing

/// Commands that find nobody driving the store, each of which drives it for a moment, all at once.
@Suite struct AtOnceTests {
  @Test func `each is answered, and none is lost, also where there is no store yet`() async throws {
    try await Scratch.with { scratch in
      try scratch.configure("store: headgate.db")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 1...8 {
          group.addTask {
            let opened = try await scratch.headgate("incident", "open", "incident \(number)", "--service", "shop")
            #expect(opened.code == 0, "\(opened.all)")
          }
        }
        for _ in 1...4 {
          group.addTask {
            let looked = try await scratch.headgate("incident", "list")
            #expect(looked.code == 0 || looked.errors.contains("there is no store at"), "\(looked.all)")
          }
        }
        try await group.waitForAll()
      }
      let listed = try await scratch.headgate("incident", "list", "--format", "json").json([Incident].self)
      #expect(Set(listed.map(\.title)) == Set((1...8).map { "incident \($0)" }) && listed.count == 8)
      #expect(try await scratch.headgate("audit", "verify").code == 0)
    }
  }

  @Test(arguments: ["rollback", "abort"])
  func `traffic is taken back also while another command drives for a moment`(verb: String) async throws {
    try await EdgeShop.open { shop in
      try await shop.kill(try await shop.runToTheFirstStep())
      async let opened: [Int32] = withThrowingTaskGroup { group in
        for number in 1...4 {
          group.addTask { try await shop.headgate.run(["incident", "open", "incident \(number)"]).code }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let back = try await shop.headgate.run([verb, "1", "--reason", "INC-9"])
      #expect(back.code == 0, "\(back.all)")
      #expect(try await opened == [0, 0, 0, 0])
      #expect(shop.weight == "0")
      #expect(try await shop.headgate.run(["audit", "verify"]).code == 0)
    }
  }

  @Test func `a store that was begun and not finished is finished by whoever comes next`() async throws {
    try await Scratch.with { scratch in
      try scratch.configure("store: headgate.db")
      _ = try scratch.rig.write("", to: "headgate.db")
      let opened = try await scratch.headgate("incident", "open", "it burns")
      #expect(opened.code == 0, "\(opened.all)")
    }
  }

  private struct Incident: Decodable {
    var title: String
  }
}
