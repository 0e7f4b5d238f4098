import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

/// For every adapter and every fault: never a false answer, never beyond the deadline, never a crash. What Headgate did is
/// printed as one table.
@Suite(.serialized) struct FaultTableTests {
  @Test func `every fault ends by itself in a failure of the right kind`() async throws {
    var rows = ["| adapter | fault | what came of it |", "|---|---|---|"]
    for adapter in Adapter.all {
      for fault in Fault.allCases {
        let outcome = try await fault.happens(good: adapter.good) { url -> String in
          await self.outcome(of: fault, at: url, adapter)
        }
        rows.append("| \(adapter.name) | \(fault.rawValue) | \(outcome) |")
      }
    }
    print(rows.joined(separator: "\n"))
  }

  @Test(arguments: Adapter.all) func `a server in order is answered`(adapter: Adapter) async throws {
    try await RawServer.with(.made(adapter.good)) { server in _ = try await adapter.ask(server.url, .seconds(30)) }
  }

  @Test func `a write that goes wrong is never told as done, while all that is read is in order`() async throws {
    var rows = ["| adapter | fault of its writes | what came of it |", "|---|---|---|"]
    for adapter in Adapter.writers {
      for fault in Fault.allCases {
        let outcome = try await fault.happensToWrites(good: adapter.good) { url -> String in
          await self.outcome(of: fault, at: url, adapter, isWrite: true)
        }
        if let outcome { rows.append("| \(adapter.name) | \(fault.rawValue) | \(outcome) |") }
      }
      // An answer in order to a write that was not done is no success either.
      let lie = try await RawServer.with(.made(adapter.good)) { server in
        await #expect(throws: Failure.self) { try await adapter.ask(server.url, .seconds(30)) }
      }
      #expect(lie.map { [.transient, .rejected].contains($0.kind) } == true, "\(adapter.name): \(lie?.message ?? "")")
    }
    print(rows.joined(separator: "\n"))
  }

  /// Asks once; what came of it, with the server's address left out.
  ///
  /// - Parameter isWrite: whether reading goes well, and may be what finds out that a write was not done.
  private func outcome(of fault: Fault, at url: String, _ adapter: Adapter, isWrite: Bool = false) async -> String {
    let what = "\(adapter.name) and \(fault.rawValue)"
    let result = await attempt(what, within: .seconds(120), #_sourceLocation) { () async throws(Failure) in
      try await adapter.ask(url, fault.deadline)
    }
    switch result {
    case nil: return "no end"
    case .success(let answer)?:
      #expect(adapter.readsNoBody && fault.isGoodStatus, "\(what): \(answer)")
      return answer
    case .failure(let failure)?:
      let isFoundOut = isWrite && fault.isGoodStatus && failure.kind == .transient
      #expect(fault.kinds.contains(failure.kind) || isFoundOut, "\(what): \(failure)")
      #expect(!failure.message.contains("hunter2") && failure.message.excerpt(2000) == failure.message, "\(failure)")
      return "\(failure.kind): \(failure.message.replacing(url, with: "…").excerpt(150))"
    }
  }
}
