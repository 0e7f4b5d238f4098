import PipelineModel
import PluginKit
import Synchronization
import Testing

@testable import Resilience

/// One answer serves many, and never where a look of one's own would have seen something else.
@Suite struct SharingTests {
  private let time = ManualTime(Timestamp(milliseconds: 1_700_000_040_000))
  private let every = Interval.minutes(1)

  private func look(_ offset: Interval = .zero, since: Interval = .minutes(-30)) -> MetricQuery.Look {
    .init(at: time.now + offset, every: every, since: time.now + since)
  }

  private func provider(_ inner: ScriptedProvider, share: Bool = true) -> ResilientProvider {
    ResilientProvider(
      inner,
      behind: .over("prom", time) {
        $0.share = share
        $0.tries = 1
        $0.breaker = nil
      })
  }

  @Test func `all who ask the same while it is being asked wait for one answer`() async throws {
    let door = Door()
    let inner = ScriptedProvider(.wait(door, 4))
    let prom = provider(inner)
    let question = query(at: time.now, look: look())
    try await withThrowingTaskGroup(of: Answer.self) { group in
      for _ in 1...200 { group.addTask { try await prom.sample(question) } }
      #expect(await eventually { door.waiting == 1 })
      door.open()
      for try await answer in group { #expect(answer == .number(4)) }
    }
    #expect(inner.asked.count == 1)
  }

  @Test func `who comes later in the interval is given the answer, who comes in the next asks anew`() async throws {
    let inner = ScriptedProvider(.answer(1), .answer(2))
    let prom = provider(inner)
    #expect(try await prom.sample(query(at: time.now, look: look())) == .number(1))
    time.pass(.seconds(10))
    #expect(try await prom.sample(query(at: time.now, look: look())) == .number(1))
    time.pass(.seconds(60))
    #expect(try await prom.sample(query(at: time.now, look: look())) == .number(2))
    #expect(inner.asked.count == 2)
  }

  @Test func `another metric, text, range, window or interval is another question`() async throws {
    let inner = ScriptedProvider(.answer(1))
    let prom = provider(inner)
    var question = query(at: time.now, look: look())
    _ = try await prom.sample(question)
    question.text = "other"
    _ = try await prom.sample(question)
    question.range = .init(over: .minutes(5), step: .seconds(10))
    _ = try await prom.sample(question)
    question.look?.every = .seconds(30)
    _ = try await prom.sample(question)
    #expect(inner.asked.count == 4)
    question.interval = .minutes(30)
    _ = try await prom.sample(question)
    question.metric = "latency"
    _ = try await prom.sample(question)
    _ = try await prom.sample(question)
    #expect(inner.asked.count == 6)
  }

  @Test func `a failure is told to those who wait, and not kept`() async throws {
    let inner = ScriptedProvider(.fail(.transient, "refused"), .answer(2))
    let prom = provider(inner)
    let question = query(at: time.now, look: look())
    await #expect(throws: Failure(.transient, "refused")) { try await prom.sample(question) }
    #expect(try await prom.sample(question) == .number(2))
  }

  @Test func `an answer from before a gate could have looked is not given to it`() async throws {
    let inner = ScriptedProvider(.answer(1), .answer(2))
    let prom = provider(inner)
    _ = try await prom.sample(query(at: time.now, look: look()))
    time.pass(.seconds(30))
    // It began 20 s ago, and looks at once: what was asked 30 s ago saw nothing of it.
    let early = query(at: time.now, look: look(since: .seconds(-20)))
    #expect(try await prom.sample(early) == .number(2))
    // The newer answer is good for the others too.
    #expect(try await prom.sample(query(at: time.now, look: look())) == .number(2))
    #expect(inner.asked.count == 2)
  }

  @Test func `gates that began at about the same time share their first look`() async throws {
    let inner = ScriptedProvider(.answer(1))
    let prom = provider(inner)
    for _ in 1...5 {
      _ = try await prom.sample(query(at: time.now, look: look(since: .minutes(-1))))
      time.pass(.seconds(1))
    }
    #expect(inner.asked.count == 1)
  }

  @Test func `a question without a look, or of a provider that shares nothing, is asked every time`() async throws {
    let inner = ScriptedProvider(.answer(1))
    let prom = provider(inner)
    for _ in 1...3 { _ = try await prom.sample(query(at: time.now)) }
    let alone = provider(inner, share: false)
    for _ in 1...3 { _ = try await alone.sample(query(at: time.now, look: look())) }
    #expect(inner.asked.count == 6)
  }

  @Test func `one who gives up leaves the others their answer, and the last one ends the question`() async throws {
    let door = Door()
    let inner = ScriptedProvider(.wait(door, 4), .hang)
    let prom = provider(inner)
    let question = query(at: time.now, look: look())
    let first = Task { try await prom.sample(question) }
    #expect(await eventually { door.waiting == 1 })
    let second = Task { try await prom.sample(question) }
    #expect(await eventually { prom.shared?.waiting == 2 })
    first.cancel()
    let left = await first.result
    #expect(throws: Failure.self) { try left.get() }
    door.open()
    #expect(try await second.value == .number(4))

    let lonely = Task { try await prom.sample(query("hangs", at: time.now, look: look())) }
    #expect(await eventually { inner.asked.count == 2 })
    lonely.cancel()
    _ = await lonely.result
    #expect(await eventually { inner.cancelled == 1 })
  }

  /// A thousand gates, each with looks at its own phase, some late, some at once with another: what each is given.
  @Test(arguments: [1, 2, 3]) func `no gate is given one answer for two looks, nor one older than an interval`(
    seed: UInt64
  ) async throws {
    let count = Mutex(0)
    let time = time
    let inner = CountingProvider {
      count.withLock {
        $0 += 1; return Double($0)
      }
    }
    let asked = Mutex<[Double: Timestamp]>([:])
    let recording = RecordingProvider(inner) { value in asked.withLock { $0[value] = time.now } }
    let prom = ResilientProvider(recording, behind: .over("prom", time))
    var chance = SeededChance(seed: seed)
    let start = time.now
    let phases = (0..<100).map { _ in Int64.random(in: 0..<60_000, using: &chance) }
    var seen: [Int: Set<Double>] = [:]
    let looks = phases.indices.flatMap { gate in
      (1...10).map { (gate, planned: start + .milliseconds(phases[gate] + Int64($0) * 60_000)) }
    }.sorted { $0.planned < $1.planned }
    for (gate, planned) in looks {
      let late = Interval.milliseconds(Int64.random(in: 0..<50, using: &chance))
      if planned + late > time.now { time.pass(planned + late - time.now) }
      let look = MetricQuery.Look(at: planned, every: every, since: start + .milliseconds(phases[gate]))
      guard case .number(let value) = try await prom.sample(query(at: time.now, look: look)) else { continue }
      #expect(seen[gate, default: []].insert(value).inserted, "seed \(seed): gate \(gate) was given \(value) twice")
      let at = try #require(asked.withLock { $0[value] })
      #expect(time.now - at < every, "seed \(seed)")
      #expect(at + .seconds(6) >= look.since + every, "seed \(seed): from before the gate could look")
    }
    // Ten intervals and a part of one; in the first each gate asks for itself unless another just did.
    #expect(asked.withLock(\.count) <= 11 + 12, "seed \(seed)")
  }
}

private struct CountingProvider: MetricProvider {
  let next: @Sendable () -> Double
  init(_ next: @escaping @Sendable () -> Double) { self.next = next }
  func sample(_ query: MetricQuery) async throws(Failure) -> Answer { .number(next()) }
}

private struct RecordingProvider: MetricProvider {
  let inner: CountingProvider
  let note: @Sendable (Double) -> Void
  init(_ inner: CountingProvider, _ note: @escaping @Sendable (Double) -> Void) {
    self.inner = inner
    self.note = note
  }
  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    let answer = try await inner.sample(query)
    if case .number(let value) = answer { note(value) }
    return answer
  }
}
