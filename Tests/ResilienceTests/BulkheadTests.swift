import PipelineModel
import PluginKit
import Synchronization
import Testing

@testable import Resilience

/// No more calls to a provider than it takes at a time, whoever makes them: those who ask it for its own sake, and those
/// for whom it stands in.
@Suite struct BulkheadTests {
  private final class Order: Sendable {
    private let numbers = Mutex<[Int]>([])
    func add(_ number: Int) { numbers.withLock { $0.append(number) } }
    var all: [Int] { numbers.withLock { $0 } }
  }

  /// Nobody runs out of patience.
  private let time = Time(
    now: { Timestamp(milliseconds: 1_700_000_000_000) }, sleep: { _ in try await Task.sleep(for: .seconds(3600)) },
    chance: { 0 })

  private func gate(_ name: String, atOnce: Int) -> BackendGuard {
    var policy = ResiliencePolicy.standard(of: .metrics)
    policy.atOnce = atOnce
    policy.tries = 1
    policy.share = false
    policy.timeout = .minutes(5)
    policy.deadline = .minutes(10)
    return BackendGuard(.named(name, policy), .metrics, time: time, board: HealthBoard())
  }

  @Test func `calls that a fallback answers count among its own`() async throws {
    let door = Door()
    let other = ScriptedProvider(.wait(door, 5))
    let replica = ResilientProvider(other, behind: gate("replica", atOnce: 2))
    let prom = ResilientProvider(
      ScriptedProvider(.fail(.transient, "refused")), behind: gate("prom", atOnce: 8), fallback: ("replica", replica))
    try await withThrowingTaskGroup(of: Answer.self) { group in
      for number in 0..<8 {
        group.addTask {
          try await (number < 5 ? prom : replica).sample(
            MetricQuery(metric: "errors", text: "\(number)", at: Timestamp(milliseconds: 0), timeout: .minutes(5)))
        }
      }
      #expect(await eventually { door.waiting == 2 && replica.waiting == 6 })
      #expect(other.asked.count == 2)
      door.open()
      for try await answer in group { #expect(answer == .number(5)) }
    }
    #expect(other.asked.count == 8)
  }

  @Test func `places are given in the order they were asked for, and given back`() async {
    let bulkhead = Bulkhead(1, sleep: time.sleep)
    let order = Order()
    #expect(await bulkhead.enter(patience: .hours(1)))
    await withTaskGroup(of: Void.self) { group in
      for number in 1...5 {
        group.addTask {
          #expect(await bulkhead.enter(patience: .hours(1)))
          order.add(number)
          bulkhead.leave()
        }
        #expect(await eventually { bulkhead.waiting == number })
      }
      bulkhead.leave()
    }
    #expect(order.all == [1, 2, 3, 4, 5])
    #expect(await bulkhead.enter(patience: .zero))
  }

  @Test func `who gives up, or has no patience left, takes no place with him`() async {
    let impatient = Bulkhead(1, sleep: { _ in })
    #expect(await impatient.enter(patience: .seconds(1)))
    #expect(await !impatient.enter(patience: .seconds(1)))
    let bulkhead = Bulkhead(1, sleep: time.sleep)
    #expect(await bulkhead.enter(patience: .hours(1)))
    let waiting = Task { await bulkhead.enter(patience: .hours(1)) }
    #expect(await eventually { bulkhead.waiting == 1 })
    waiting.cancel()
    #expect(await !waiting.value)
    for bulkhead in [impatient, bulkhead] {
      bulkhead.leave()
      #expect(bulkhead.waiting == 0)
      #expect(await bulkhead.enter(patience: .seconds(1)))
    }
  }
}
