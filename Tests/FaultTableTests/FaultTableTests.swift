import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Synchronization
import Testing

@testable import Resilience

/// For every adapter and every fault: never a false answer, never beyond the deadline, never a crash. What Headgate did is
/// printed as one table.
@Suite(.serialized) struct FaultTableTests {
  @Test func `every fault ends by itself in a failure of the right kind`() async throws {
    var rows = ["| adapter | fault | what came of it |", "|---|---|---|"]
    for adapter in Adapter.all {
      for fault in Fault.allCases where !(adapter.isPlain && fault == .expired) {
        let outcome = try await fault.happens(good: adapter.good) { url -> String in
          await self.outcome(of: fault, at: url, adapter)
        }
        rows.append("| \(adapter.name) | \(fault.rawValue) | \(outcome) |")
      }
    }
    print(rows.joined(separator: "\n"))
  }

  @Test(arguments: Adapter.all) func `a server in order is answered`(adapter: Adapter) async throws {
    try await RawServer.with(.made(adapter.good)) { server in
      // On a busy machine nginx may take longer to reload than it is given here; the guard before it would ask again.
      for attempt in 1... {
        do throws(Failure) {
          _ = try await adapter.ask(server.url, .seconds(30))
          return
        } catch {
          if error.kind != .transient || attempt == 10 { throw error }
        }
      }
    }
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

  /// 429 with Retry-After: 30, and the guard that stands before the backend in an installation: it leaves it alone for as
  /// long as it was told, though it would ask again after about a second of its own.
  @Test func `a backend that asks to be left alone is left alone as long as it asks`() async throws {
    var rows = ["| adapter | 429 with Retry-After | asked again after | what came of it |", "|---|---|---|---|"]
    for adapter in Adapter.all where !adapter.asksAgain {
      let slept = Slept()
      let outcome = try await Fault.status429.happens(good: adapter.good) { url -> String in
        do throws(Failure) {
          return try await slept.gate.repeatedly { () async throws(Failure) in try await adapter.ask(url, .minutes(2)) }
        } catch {
          #expect(error.retryAfter == .seconds(30), "\(adapter.name): \(error)")
          return "\(error.kind): \(error.message.replacing(url, with: "…").excerpt(150))"
        }
      }
      #expect(slept.pauses == [.seconds(30)], "\(adapter.name)")
      rows.append("| \(adapter.name) | 30s | \(slept.pauses.map(\.description).joined(separator: ", ")) | \(outcome) |")
    }
    print(rows.joined(separator: "\n"))
  }

  /// A guard whose pauses are written down and take no time.
  private final class Slept: Sendable {
    private let all = Mutex<[Interval]>([])
    var pauses: [Interval] { all.withLock { $0 } }

    var gate: BackendGuard {
      let policy = ResiliencePolicy(timeout: .minutes(2), deadline: .minutes(10), tries: 2)
      let time = Time(
        now: { Timestamp(milliseconds: 1_700_000_000_000) }, sleep: { pause in self.all.withLock { $0.append(pause) } },
        chance: { 0 })
      return BackendGuard(
        Backend(name: "busy", kind: "any", settings: Settings(), resilience: policy), .traffic, time: time,
        board: HealthBoard())
    }
  }

  /// Asks once; what came of it, with the server's address left out.
  ///
  /// - Parameter isWrite: whether reading goes well, and may be what finds out that a write was not done.
  private func outcome(of fault: Fault, at url: String, _ adapter: Adapter, isWrite: Bool = false) async -> String {
    let what = "\(adapter.name) and \(fault.rawValue)"
    // What may come again and again ends with the deadline only.
    let isRepeated = adapter.asksAgain && fault.kinds.contains(.transient)
    let deadline = isRepeated ? .seconds(1) : fault.deadline
    let result = await attempt(what, within: .seconds(120), #_sourceLocation) { () async throws(Failure) in
      try await adapter.ask(url, deadline)
    }
    switch result {
    case nil: return "no end"
    case .success(let answer)?:
      #expect(adapter.readsNoBody && fault.isGoodStatus, "\(what): \(answer)")
      return answer
    case .failure(let failure)?:
      let isFoundOut = isWrite && fault.isGoodStatus && failure.kind != .misconfigured
      #expect(fault.kinds.contains(failure.kind) || isFoundOut, "\(what): \(failure)")
      #expect(!failure.message.contains("hunter2") && failure.message.excerpt(2000) == failure.message, "\(failure)")
      let place = url.split(separator: "/").last.map(String.init) ?? url
      return "\(failure.kind): \(failure.message.replacing(url, with: "…").replacing(place, with: "…").excerpt(220))"
    }
  }
}
