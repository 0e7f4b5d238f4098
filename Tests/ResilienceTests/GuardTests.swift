import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import Resilience

/// A provider behind its guard, with time and chance in hand.
@Suite struct GuardTests {
  private let time = ManualTime()

  private func provider(
    _ inner: ScriptedProvider, board: HealthBoard = HealthBoard(), _ change: (inout ResiliencePolicy) -> Void = { _ in }
  ) -> ResilientProvider {
    ResilientProvider(inner, behind: .over("prom", time, change, board: board))
  }

  @Test func `a transient failure is asked again, after a pause that grows`() async throws {
    let inner = ScriptedProvider(.fail(.transient, "refused"), .fail(.transient, "refused"), .answer(7))
    #expect(try await provider(inner).sample(query(at: time.now)) == .number(7))
    #expect(inner.asked.count == 3)
    #expect(time.slept.count == 2)
    #expect((1_000...1_500).contains(time.slept[0].milliseconds))
    #expect((2_000...2_500).contains(time.slept[1].milliseconds))
  }

  @Test(arguments: [Failure.Kind.rejected, .misconfigured])
  func `what will not change is not asked again`(kind: Failure.Kind) async {
    let inner = ScriptedProvider(.fail(kind, "no"))
    await #expect(throws: Failure(kind, "no")) { try await provider(inner).sample(query(at: time.now)) }
    #expect(inner.asked.count == 1)
  }

  @Test func `it gives up after its tries, and says how many`() async {
    let inner = ScriptedProvider(.fail(.transient, "refused"))
    await #expect(throws: Failure(.transient, "refused (tried 3 times)")) {
      try await provider(inner).sample(query(at: time.now))
    }
  }

  @Test func `a pause that would pass the deadline is not begun`() async {
    let inner = ScriptedProvider(.fail(.transient, "refused"))
    await #expect(throws: Failure(.transient, "refused")) {
      try await provider(inner) { $0.deadline = .milliseconds(900) }.sample(query(at: time.now))
    }
    #expect(time.slept.isEmpty)
  }

  @Test func `a backend that asks to be left alone is, and not asked again where that would take too long`()
    async throws
  {
    let inner = ScriptedProvider(.busy(.seconds(7)), .answer(7))
    #expect(try await provider(inner).sample(query(at: time.now)) == .number(7))
    #expect(time.slept == [.seconds(7)])
    let busier = ScriptedProvider(.busy(.minutes(5)), .answer(7))
    await #expect(throws: Failure(.transient, "too many requests")) {
      try await provider(busier).sample(query(at: time.now))
    }
    #expect(busier.asked.count == 1)
    #expect(time.slept == [.seconds(7)])
  }

  @Test func `a provider that hangs is given up and asked again`() async throws {
    let inner = ScriptedProvider(.hang, .answer(3))
    let prom = provider(inner) { $0.timeout = .milliseconds(20) }
    #expect(try await prom.sample(query(at: time.now)) == .number(3))
    #expect(inner.cancelled == 1)
  }

  @Test func `the circuit opens, says so, refuses without asking, and closes again`() async throws {
    let board = HealthBoard()
    let inner = ScriptedProvider(
      .fail(.transient, "refused"), .fail(.transient, "refused"), .fail(.transient, "still refused"), .answer(1))
    let prom = provider(inner, board: board) {
      $0.tries = 1
      $0.breaker = .init(failures: 2, pause: .seconds(30))
    }
    let start = time.now
    _ = try? await prom.sample(query(at: time.now))
    #expect(board.takeNews().isEmpty)
    await expect("refused; circuit open now, asked again at 22:13:5", from: prom)
    let opened = board.takeNews()
    #expect(opened.map(\.state) == [.open] && opened.first?.since == start && opened.first?.reason == "refused")
    await expect("prom: circuit open since 22:13:20Z, asked again at 22:13:5", from: prom)
    #expect(inner.asked.count == 2)

    time.pass(.seconds(34))
    await expect("still refused; circuit open now, asked again at 22:1", from: prom)
    time.pass(.seconds(67))
    #expect(try await prom.sample(query(at: time.now)) == .number(1))
    #expect(inner.asked.count == 4)
    #expect(board.takeNews().map(\.state) == [.closed])
  }

  private func expect(_ text: String, from provider: ResilientProvider) async {
    let failure = await #expect(throws: Failure.self) { try await provider.sample(query(at: time.now)) }
    #expect(failure?.kind == .transient)
    #expect(failure?.message.hasPrefix(text) == true, "\(failure?.message ?? "")")
  }

  @Test func `a wrong question does not open the circuit`() async {
    let inner = ScriptedProvider(.fail(.rejected, "parse error"))
    let prom = provider(inner) { $0.breaker = .init(failures: 2, pause: .seconds(30)) }
    for _ in 1...10 { _ = try? await prom.sample(query(at: time.now)) }
    #expect(inner.asked.count == 10)
  }

  @Test func `what is asked too fast waits, and is refused when it would wait too long`() async throws {
    let inner = ScriptedProvider(.answer(1))
    let prom = provider(inner) {
      $0.rate = 2
      $0.deadline = .seconds(2)
    }
    for _ in 1...4 { _ = try await prom.sample(query(at: time.now)) }
    #expect(time.slept.reduce(.zero, +) >= .milliseconds(1_300))

    let hasty = provider(ScriptedProvider(.answer(1))) {
      $0.rate = 1
      $0.deadline = .milliseconds(500)
    }
    _ = try await hasty.sample(query(at: time.now))
    await #expect(throws: Failure(.transient, "prom: more than 1 calls a second are wanted of it")) {
      try await hasty.sample(query(at: time.now))
    }
  }

  @Test func `another provider answers in its stead, and the answer says so`() async throws {
    let inner = ScriptedProvider(.fail(.transient, "refused"))
    let other = ScriptedProvider(.answer(5))
    let prom = ResilientProvider(
      inner, behind: .over("prom", time) { $0.tries = 1 },
      fallback: ("replica", ResilientProvider(other, behind: .over("replica", time))))
    let sample = try await prom.ask(query(at: time.now))
    #expect(sample == Sample(answer: .number(5), stand: .init(provider: "replica", because: "refused")))
  }

  @Test func `a wrong question is wrong elsewhere too`() async {
    let other = ScriptedProvider(.answer(5))
    let prom = ResilientProvider(
      ScriptedProvider(.fail(.rejected, "parse error")), behind: .over("prom", time), fallback: ("replica", other))
    await #expect(throws: Failure(.rejected, "parse error")) { try await prom.ask(query(at: time.now)) }
    #expect(other.asked.isEmpty)
  }

  @Test func `when neither answers both are told, and the kind is the first one's`() async {
    let prom = ResilientProvider(
      ScriptedProvider(.fail(.misconfigured, "prom: bad credentials")), behind: .over("prom", time),
      fallback: ("replica", ScriptedProvider(.fail(.transient, "refused"))))
    let text = "prom: bad credentials; nor could its fallback replica: refused"
    await #expect(throws: Failure(.misconfigured, text)) { try await prom.ask(query(at: time.now)) }
  }

  @Test func `it keeps the promises of a provider`() async {
    let time = Time.real { Timestamp(milliseconds: 0) }
    func prom(_ inner: ScriptedProvider) -> ResilientProvider {
      ResilientProvider(inner, behind: BackendGuard(.named("prom"), .metrics, time: time, board: HealthBoard()))
    }
    let question = query(at: Timestamp(milliseconds: 0))
    var hasty = question
    hasty.timeout = .milliseconds(50)
    await verifyProvider(
      ProviderHarness(
        provider: prom(ScriptedProvider(.answer(2))), cases: [.init(question, .answer(.number(2)))],
        deaf: (prom(ScriptedProvider(.hang)), hasty), absent: prom(ScriptedProvider(.fail(.transient, "refused")))))
  }
}
