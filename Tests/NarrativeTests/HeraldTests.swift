import Engine
import PipelineModel
import Testing

@testable import Narrative

/// What of a run is worth telling, when, and how alarming it is: a run is folded, and told of as it goes.
@Suite struct HeraldTests {
  private static let metric = Metric(
    name: "errors", provider: "prometheus", query: Template(text: "q"),
    rule: .threshold(.init(pass: .binary(.less, .value, .number(0.01)), passText: "value < 1%")))

  private func plan(onFailure: FailurePolicy) -> Plan {
    let gate = Gate(metrics: [0], every: .minutes(1))
    let canary = Canary(
      route: RouteName(router: "edge", route: "shop"),
      steps: [.init(weight: .percent(5), hold: .minutes(2), gate: gate), .init(weight: .all, hold: .zero)])
    return Plan(
      Pipeline(
        name: "checkout", target: Target(service: "shop", environment: "production"), owner: "payments",
        runbook: "https://runbooks.example/checkout", metrics: [Self.metric],
        stages: [
          Stage(name: "sign", work: .approve(Approval())),
          Stage(name: "canary", work: .canary(canary), onFailure: onFailure),
        ]))
  }

  /// A run with its notices so far.
  private struct Story {
    var run: Run
    var sequence: Int64 = 1
    var now = Timestamp(milliseconds: 0)
    var notices: [Notice] = []

    init(_ plan: Plan) {
      var reaction = Reaction()
      let start = Start(
        pipeline: "checkout", target: plan.pipeline.target, version: "v7", stable: "v6", slots: [.green])
      run = Run(id: RunID(41), plan: plan, start: start, by: .person("alice"), at: now, into: &reaction)
      tell(.started(start), reaction, before: run)
    }

    mutating func happens(_ fact: Fact, by actor: Principal = .controller, after wait: Interval = .seconds(1)) throws {
      var reaction = Reaction()
      let before = run
      now = now + wait
      sequence += 1
      try run.apply(fact, by: actor, at: now, into: &reaction)
      tell(fact, reaction, before: before)
    }

    private mutating func tell(_ fact: Fact, _ reaction: Reaction, before: Run) {
      let entry = Entry(sequence: sequence, time: now, run: run.id, fact: fact, decisions: reaction.decisions)
      notices += Herald(store: "s").notices(
        of: entry, before: before, run: run, wanting: Set(NoticeEvent.allCases))
    }

    var pending: EffectID { run.pending[0].id }
    var events: [NoticeEvent] { notices.map(\.event) }
  }

  private func failing(_ onFailure: FailurePolicy) throws -> Story {
    var story = Story(plan(onFailure: onFailure))
    try story.happens(.acted(.approve(roles: [])), by: .person("bob"))
    try story.happens(.shifted(story.pending))
    try story.happens(.measured(story.pending, .answer(.number(0.5))), after: .minutes(1))
    return story
  }

  @Test func `a run that is taken back is told step by step, and its end ends the alarm`() throws {
    var story = try failing(.rollback)
    #expect(story.events == [.started, .step, .approvalWanted, .step, .gateFailed, .rollback])
    try story.happens(.shifted(story.pending))
    #expect(story.events.last == .recovered)
    #expect(story.notices.map(\.alarm) == [nil, nil, nil, nil, .firing, .firing, .resolved])

    let rollback = story.notices[5]
    #expect(rollback.key == "s-41-4-rollback" && rollback.thread == "s-41" && rollback.severity == .warning)
    #expect(rollback.title == "checkout v7 in production: rolling back")
    #expect(rollback.text.contains("rolling back: the gate said fail"))
    #expect(rollback.text.contains("errors failed 1 of 1 looks, last 50%"))
    #expect(rollback.runbook == "https://runbooks.example/checkout")
    #expect(
      rollback.fields.map(\.value) == ["41", "canary", "0%", "payments", "alice"], "\(rollback.fields.map(\.value))")
    #expect(story.notices.last?.text.contains("all traffic is on v6") == true)
  }

  @Test func `one entry tells an event once, and no two notices have one key`() throws {
    var story = try failing(.rollback)
    try story.happens(.shifted(story.pending))
    #expect(Set(story.notices.map(\.key)).count == story.notices.count)
  }

  @Test func `what is held is told again, under the same key within a quarter of an hour, until it goes on`() throws {
    var story = try failing(.hold)
    #expect(story.events.suffix(2) == [.gateFailed, .held])
    let since = try #require(story.run.degradedSince)
    #expect(since == story.now)
    let herald = Herald(store: "s")
    let first = herald.reminder(1, of: story.run, since: since, at: since + .minutes(15))
    #expect(first.event == .stillDegraded && first.alarm == .firing)
    #expect(first.text == "still held, and a person decides, 15m after it began")
    #expect(first.key == herald.reminder(1, of: story.run, since: since, at: since + .minutes(29)).key)
    #expect(first.key != herald.reminder(2, of: story.run, since: since, at: since + .minutes(30)).key)

    try story.happens(.acted(.promote(.step)), by: .person("alice"))
    #expect(story.run.degradedSince == nil && story.events.contains(.recovered))
    #expect(story.notices.first { $0.event == .recovered }?.alarm == .resolved)
  }

  @Test func `a run that stays for want of answers is told, and again, until there is one`() throws {
    var story = Story(plan(onFailure: .rollback))
    try story.happens(.acted(.approve(roles: [])), by: .person("bob"))
    try story.happens(.shifted(story.pending))
    try story.happens(.measured(story.pending, .answer(.number(0.001))), after: .minutes(1))
    let refused = Reading.failure(Failure(.transient, "connection refused"))
    try story.happens(.measured(story.pending, refused), after: .minutes(1))
    #expect(story.events.last == .noAnswers)
    #expect(story.run.degradedSince == story.now)
    let reminder = Herald(store: "s").reminder(1, of: story.run, since: story.now, at: story.now + .minutes(15))
    #expect(reminder.text == "still without answers to its gate, and asking on, 15m after it began")
    try story.happens(.measured(story.pending, .answer(.number(0.001))), after: .minutes(1))
    #expect(story.run.degradedSince == nil)
    #expect(story.events.contains(.recovered) && story.events.last == .recovered)
  }

  @Test func `what nobody wants to know is not told`() throws {
    let story = try failing(.rollback)
    let entry = Entry(sequence: 9, time: story.now, run: RunID(41), fact: .timePassed, decisions: [.ended(.promoted)])
    let herald = Herald(store: "s")
    #expect(herald.notices(of: entry, before: story.run, run: story.run, wanting: [.started, .rollback]).isEmpty)
    #expect(herald.notices(of: entry, before: story.run, run: story.run, wanting: [.promoted]).count == 1)
  }

  @Test func `every event has a phrase of its own`() {
    #expect(Set(NoticeEvent.allCases.map(\.phrase)).count == NoticeEvent.allCases.count)
  }
}
