import PipelineModel
import PluginKit
import Synchronization
import Testing

@testable import Resilience

/// Taking traffic back never waits for a circuit, and is never asked twice behind the run's back.
@Suite struct RouterTests {
  private final class FailingRouter: TrafficRouter {
    private let calls = Mutex((sets: 0, reads: 0, works: false))
    var sets: Int { calls.withLock(\.sets) }
    var reads: Int { calls.withLock(\.reads) }
    func mend() { calls.withLock { $0.works = true } }

    func setWeight(_ change: WeightChange) async throws(Failure) {
      let works = calls.withLock { calls in
        calls.sets += 1
        return calls.works
      }
      if !works { throw Failure(.transient, "refused") }
    }

    func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
      let works = calls.withLock { calls in
        calls.reads += 1
        return calls.works
      }
      if works { return .none }
      throw Failure(.transient, "refused")
    }
  }

  private let time = ManualTime()
  private let change = WeightChange(route: "shop", candidate: .green, weight: .none, key: "k")

  @Test func `an order goes through an open circuit, once, and its success closes it`() async throws {
    let inner = FailingRouter()
    let board = HealthBoard()
    let router = ResilientRouter(
      inner, behind: .over("edge", time, { $0.breaker = .init(failures: 2, pause: .hours(1)) }, board: board))
    for count in 1...4 {
      await #expect(throws: Failure.self) { try await router.setWeight(change) }
      #expect(inner.sets == count)
    }
    #expect(board.takeNews().map(\.state) == [.open])
    await #expect(throws: Failure.self) { try await router.weight(of: .green, on: "shop") }
    #expect(inner.reads == 0)

    inner.mend()
    try await router.setWeight(change)
    #expect(try await router.weight(of: .green, on: "shop") == .none)
    #expect(board.takeNews().map(\.state) == [.closed])
  }

  /// A router of several rules, which has no one weight to tell.
  private struct SplitRouter: TrafficRouter {
    func setWeight(_ change: WeightChange) async throws(Failure) {}
    func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
      throw Failure(.transient, "the rules differ")
    }
    func drift(from wanted: Weight, of candidate: Slot, on route: String) async throws(Failure) -> Weight? {
      .percent(50)
    }
  }

  @Test func `a drift is told as the router tells it`() async throws {
    let router = ResilientRouter(SplitRouter(), behind: .over("edge", time))
    #expect(try await router.drift(from: .percent(25), of: .green, on: "shop") == .percent(50))
  }

  @Test func `a read-back is tried again`() async {
    let inner = FailingRouter()
    let router = ResilientRouter(inner, behind: .over("edge", time))
    _ = try? await router.weight(of: .green, on: "shop")
    #expect(inner.reads == 3)
  }
}
