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

  private struct Incident: Decodable {
    var title: String
  }
}
