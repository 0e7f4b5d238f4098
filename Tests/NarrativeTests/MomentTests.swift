import Engine
import PipelineModel
import Testing

@testable import Narrative

// What a time line shows of a run, of its traffic and of incidents: a run is folded, and told of as it goes.

@Suite struct MomentTests {
  private static let metric = Metric(
    name: "errors", provider: "prometheus", query: Template(text: "q"),
    rule: .threshold(.init(pass: .binary(.less, .value, .number(0.01)), passText: "value < 1%")))

  private let plan: Plan = {
    let gate = Gate(metrics: [0], every: .minutes(1))
    let canary = Canary(
      route: RouteName(router: "edge", route: "shop"),
      steps: [.init(weight: .percent(5), hold: .minutes(2), gate: gate), .init(weight: .all, hold: .zero)])
    return Plan(
      Pipeline(
        name: "checkout", target: Target(service: "shop", environment: "production"), metrics: [Self.metric],
        stages: [Stage(name: "sign", work: .approve(Approval())), Stage(name: "canary", work: .canary(canary))]))
  }()

  /// The entries of a run, with what follows from each.
  private struct Story {
    var run: Run
    var entries: [Entry] = []
    var now = Timestamp(milliseconds: 1_795_266_300_000)

    init(_ plan: Plan) {
      var reaction = Reaction()
      let start = Start(
        pipeline: "checkout", target: plan.pipeline.target, version: "v7", stable: "v6", slots: [.green])
      run = Run(id: RunID(41), plan: plan, start: start, by: .person("alice"), at: now, into: &reaction)
      note(.started(start), .person("alice"), reaction)
    }

    mutating func happens(_ fact: Fact, by actor: Principal = .controller, after wait: Interval = .seconds(1)) throws {
      var reaction = Reaction()
      now = now + wait
      try run.apply(fact, by: actor, at: now, into: &reaction)
      note(fact, actor, reaction)
    }

    private mutating func note(_ fact: Fact, _ actor: Principal, _ reaction: Reaction) {
      entries.append(
        Entry(
          sequence: Int64(entries.count + 1), time: now, run: run.id, actor: actor, fact: fact,
          decisions: reaction.decisions))
    }

    var pending: EffectID { run.pending[0].id }
  }

  private func failing() throws -> Story {
    var story = Story(plan)
    try story.happens(.acted(.approve(roles: [])), by: .person("bob"))
    try story.happens(.shifted(story.pending))
    try story.happens(.measured(story.pending, .answer(.number(0.5))), after: .minutes(1))
    try story.happens(.shifted(story.pending))
    return story
  }

  @Test func `a release that failed is told in order, each thing under its topic`() throws {
    var chronicle = Chronicle(plan: plan)
    let moments = try failing().entries.flatMap { try chronicle.moments(taking: $0) }
    #expect(
      moments.map(\.topic) == [
        .deployment, .step, .approval, .approval, .approval, .step, .step, .gate, .gate, .rollback, .step, .rollback,
      ], "\(moments.map { "\($0.topic) \($0.sentence.text)" })")
    #expect(moments.allSatisfy { $0.services == ["shop"] && $0.environment == "production" && $0.run == RunID(41) })
    #expect(moments.inOrder() == moments)
  }

  @Test func `every moment is of an entry that the index counts in`() throws {
    var chronicle = Chronicle(plan: plan)
    for entry in try failing().entries {
      let moments = try chronicle.moments(taking: entry)
      #expect(moments.isEmpty || entry.isMoment, "\(entry.fact)")
    }
  }

  @Test func `what the traffic met is told with the share before and after`() throws {
    var chronicle = Chronicle(plan: plan)
    let changes = try failing().entries.flatMap { try chronicle.changes(taking: $0) }
    #expect(changes.map(\.before) == [0, 0.05])
    #expect(changes.map(\.after) == [0.05, 0])
    #expect(changes.map(\.exposure) == [0.05, 0.05])
    #expect(changes.map(\.text) == ["edge/shop gave 5% to v7", "edge/shop gave 0% to v7"])
  }

  @Test func `shares are known also of entries after some that were only followed`() throws {
    var chronicle = Chronicle(plan: plan)
    let entries = try failing().entries
    for entry in entries.dropLast() { try chronicle.follow(entry) }
    #expect(try chronicle.changes(taking: try #require(entries.last)).map(\.before) == [0.05])
  }

  private func incident(since: Interval) -> (Entry, Entry) {
    let reported = Timestamp(milliseconds: 1_795_266_300_000)
    let incident = Incident(
      number: 3, title: "checkout answers 500", services: ["shop", "web"], environment: "production",
      severity: .critical, since: Timestamp(milliseconds: reported.milliseconds - since.milliseconds))
    return (
      Entry(
        sequence: 7, time: reported, run: nil, actor: .person("alice"), reason: "pager",
        fact: .incident(.opened(incident))),
      Entry(
        sequence: 9, time: reported + .hours(1), run: nil, actor: .person("bob"),
        fact: .incident(.closed(incident, at: reported + .minutes(30))))
    )
  }

  @Test func `an incident stands where it began and ended, not where it was reported`() throws {
    let (opened, closed) = incident(since: .minutes(12))
    let moments = try #require(IncidentTeller(opened: opened, closed: closed)).moments
    #expect(moments.map { $0.time - opened.time } == [.minutes(-12), .minutes(30)])
    #expect(
      moments.map(\.sentence.text) == [
        "incident 3: checkout answers 500 (critical, shop, web in production); reported by alice, 12m after it began "
          + "(reason: pager)",
        "incident 3 is over after 42m: checkout answers 500; closed by bob",
      ])
    #expect(moments.map(\.sequence) == [7, 9])
    #expect(IncidentTeller(opened: closed, closed: nil) == nil)
    #expect(IncidentTeller(opened: opened, closed: opened) == nil)
    let (atOnce, _) = incident(since: .zero)
    #expect(
      IncidentTeller(opened: atOnce, closed: nil)?.moments.map(\.sentence.text) == [
        "incident 3: checkout answers 500 (critical, shop, web in production); reported by alice (reason: pager)"
      ])
  }
}
