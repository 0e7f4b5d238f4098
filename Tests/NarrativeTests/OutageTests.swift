import Engine
import Narrative
import PipelineModel
import Testing

/// An outage is told when it begins, when its cause changes and when it is over, not at every look; a rollback that does
/// not get through is told with what keeps it, once.
///
/// A canary of one step is told entry by entry, with the decisions that the engine itself comes to.
@Suite struct OutageTests {
  /// A run that is folded and told as it goes.
  private struct Telling {
    private let plan: Plan
    private var run: Run?
    private(set) var chronicle: Chronicle
    private var minute: Int64 = 0

    init() throws {
      let metric = Metric(
        name: "p95", provider: "metrics", query: Template(text: "p95"),
        rule: .threshold(.init(pass: .binary(.less, .value, .number(0.3)), passText: "value < 300ms")))
      let gate = Gate(metrics: [0], every: .minutes(1), allow: Allowance(failures: 1, errorsInARow: 100))
      let step = Canary.Step(weight: .percent(25), hold: .hours(5), gate: gate)
      let target = Target(service: "shop", environment: "test")
      plan = Plan(
        Pipeline(
          name: "shop", target: target, metrics: [metric],
          stages: [
            Stage(
              name: "production",
              work: .canary(Canary(route: RouteName(router: "edge", route: "shop"), steps: [step])))
          ]))
      chronicle = Chronicle(plan: plan)
      _ = try tell(.started(Start(pipeline: "shop", target: target, version: "v2", slots: [.green])))
    }

    /// The effects whose outcome is awaited.
    var pending: [Effect] { run?.pending ?? [] }

    mutating func tell(_ fact: Fact) throws -> [Sentence] {
      minute += 1
      let time = Timestamp(milliseconds: minute * 60_000)
      var reaction = Reaction()
      if case .started(let start) = fact {
        run = Run(id: RunID(1), plan: plan, start: start, by: .person("ann"), at: time, into: &reaction)
      } else {
        try run?.apply(fact, by: .person("ann"), at: time, into: &reaction)
      }
      return try chronicle.take(
        Entry(
          time: time, run: RunID(1), actor: .person("ann"), origin: "test", fact: fact, decisions: reaction.decisions))
    }

    /// What is told of the next look, small print left out.
    mutating func look(_ reading: Reading) throws -> [String] {
      let look = try #require(pending.first)
      return try tell(.measured(look.id, reading)).filter { $0.tone != .detail }.map(\.text)
    }

    mutating func fail(_ message: String) throws -> [String] {
      let effect = try #require(pending.first)
      return try tell(.failed(effect.id, Failure(.transient, message))).map(\.text)
    }
  }

  private func failure(_ message: String) -> Reading { .failure(Failure(.transient, message)) }

  @Test func `looks that fail for one cause are told once, and counted when it is over`() throws {
    var telling = try Telling()
    _ = try telling.tell(.shifted(#require(telling.pending.first).id))
    let refused = "prom could not answer p95 at http://prom:9090: connection refused"
    #expect(
      try telling.look(failure(refused)) == ["p95 could not be measured (\(refused)): error"])
    for second in 11...14 {
      let open = "prom: circuit open since 10:00:00Z, asked again at 10:00:\(second)Z (it last failed with: \(refused))"
      #expect(try telling.look(failure(open)) == [])
    }
    #expect(try telling.look(failure(refused)) == [])
    #expect(
      try telling.look(.answer(.number(0.1)))
        == ["p95 can be judged again, after 6 looks that gave nothing in 6m"])
    #expect(try telling.look(.answer(.number(0.1))) == [])
  }

  @Test func `another cause is told, and so is the same outage after it was over`() throws {
    var telling = try Telling()
    _ = try telling.tell(.shifted(#require(telling.pending.first).id))
    #expect(try telling.look(failure("refused")).count == 1)
    #expect(try telling.look(failure("no answer within 10s")).count == 1)
    #expect(try telling.look(.answer(.list([]))).count == 1)
    #expect(try telling.look(.answer(.list([]))) == [])
    #expect(try telling.look(.answer(.number(0.1))).count == 1)
    #expect(try telling.look(failure("refused")).count == 1)
    // One look is no outage to be counted.
    #expect(try telling.look(.answer(.number(0.1))) == [])
  }

  @Test func `what a router has against a weight is said once`() throws {
    var telling = try Telling()
    let told = try telling.fail("could not set the weight of edge/shop to 25%: no such backend")
    #expect(told.first == #"could not set weight 25% on route "edge/shop": no such backend"#)
    #expect(
      try telling.fail("no answer within 10s").first
        == #"could not set weight 25% on route "edge/shop": no answer within 10s"#)
  }

  @Test func `a rollback that does not get through says what keeps it, since when it is tried, and that it escalated`()
    throws
  {
    var telling = try Telling()
    _ = try telling.tell(.shifted(#require(telling.pending.first).id))
    _ = try telling.tell(.acted(.rollback))
    #expect(telling.chronicle.retries == [])
    for failed in 1...6 {
      _ = try telling.fail("could not set the weight of edge/shop to 0%: no such backend")
      let retry = try #require(telling.chronicle.retries.first)
      #expect(retry.failed == failed)
      #expect(retry.what == #"set weight 0% on route "edge/shop""#)
      #expect(retry.reason == "no such backend")
      #expect(retry.isEscalated == (failed >= 5))
    }
    #expect(telling.chronicle.run?.routes.first?.given == .percent(25))
    _ = try telling.tell(.shifted(#require(telling.pending.first).id))
    #expect(telling.chronicle.retries == [])
    #expect(telling.chronicle.run?.routes.first?.given == Weight.none)
  }
}
