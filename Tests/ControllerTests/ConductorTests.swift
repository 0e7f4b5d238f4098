import Controller
import Engine
import Logging
import PipelineModel
import Simulation
import TestSupport
import Testing

// What a controller decides is written down before anything is done, once, whatever the journal and the clock do. A real
// conductor is stepped through virtual time, with a journal in memory and a simulated world.

@Suite struct ConductorTests {
  private func rig(_ pipelines: Pipeline..., errors: Double = 0.01) throws -> Rig {
    let rig = Rig(FixedCompiler(pipelines), world: .healthy(canary: errors))
    try rig.open()
    return rig
  }

  private func step(_ rig: Rig, until isReached: (Rig) throws -> Bool) throws {
    for _ in 0..<5000 {
      if try isReached(rig) { return }
      guard try rig.step() else { break }
    }
    #expect(try isReached(rig), "never came to this")
  }

  // MARK: Requests

  @Test func `a request to start is answered in the batch that writes the run down`() throws {
    let rig = try rig(.canary())
    let request = rig.store.ask(.start("canary", version: "v2"), by: .person("bob"), reason: "OPS-7")
    _ = try rig.step()
    let answer = try #require(rig.store.answers[request])
    #expect(answer.run == RunID(1))
    #expect(answer.refusal == nil)
    let started = try #require(try rig.store.entries(of: RunID(1)).first)
    #expect(started.actor == .person("bob"))
    #expect(started.reason == "OPS-7")
    #expect(rig.store.answeredAt[request] == started.sequence)
  }

  @Test func `a request that cannot be met is answered with the reason, and starts nothing`() throws {
    let rig = try rig(.canary())
    let unknown = rig.store.ask(.start("no such", version: "v2"))
    let nowhere = rig.store.ask(.act(RunID(9), .pause))
    let versionless = rig.store.ask(.start(StartRequest(text: "canary", path: "c.yaml", parameters: [])))
    _ = try rig.step()
    #expect(rig.store.answers[unknown]?.refusal == "no such.yaml:1:1: error: there is no pipeline \"no such\"")
    #expect(rig.store.answers[nowhere]?.refusal == "there is no run 9")
    #expect(rig.store.answers[versionless]?.refusal == "no version given; say which with --set version=…")
    #expect(rig.store.runs.isEmpty)
    let refused = try rig.store.entries.compactMap { entry in
      if case .audit(.refused(let asked, let because)) = entry.fact { "\(asked): \(because)" } else { nil }
    }
    #expect(
      refused.map { $0.prefix { $0 != ":" } } == ["start no such.yaml", "pause run 9", "start c.yaml"], "\(refused)")
    #expect(rig.store.answers[nowhere]?.refusal.map { refused[1].hasSuffix($0) } == true)
  }

  @Test(arguments: [Act.rollback, .abort, .pause], [Pipeline.canary(), .blueGreen()])
  func `what is asked for while nobody drives comes before the next step`(_ act: Act, _ pipeline: Pipeline) throws {
    let rig = try rig(pipeline)
    rig.store.ask(.start(pipeline.name, version: "v2"))
    try step(rig) { rig in try rig.store.entries.contains { $0.decisions.contains(.judged(.move, metric: 0, .pass)) } }
    rig.downtime = .hours(1)
    rig.crash()
    let moved = rig.sink.performed.map(\.work)
    rig.store.ask(.act(RunID(1), act))
    for _ in 0..<200 where try rig.step() {}
    let since = rig.sink.performed.map(\.work).dropFirst(moved.count)
    let least = moved.compactMap(\.weight).last
    #expect(since.compactMap(\.weight).allSatisfy { $0 <= least ?? .none }, "\(since)")
  }

  @Test(arguments: [Act.rollback, .abort])
  func `an old version that is to be taken down is not, where it is asked for while nobody drives`(_ act: Act) throws {
    let rig = try rig(.blueGreen())
    rig.store.ask(.start("blue-green", version: "v2"))
    try step(rig) { rig in
      try rig.store.entries.contains { $0.decisions.contains { if case .concluded = $0 { true } else { false } } }
        && rig.weight() == .all
    }
    rig.downtime = .hours(1)
    rig.crash()
    let before = rig.sink.performed.count
    rig.store.ask(.act(RunID(1), act))
    try rig.finish()
    let since = rig.sink.performed.dropFirst(before).map(\.work)
    let back = try #require(since.firstIndex { $0.weight == Weight.none }, "\(since)")
    #expect(!since[..<back].contains { if case .retire = $0 { true } else { false } }, "\(since)")
    #expect(rig.weight() == Weight.none)
  }

  @Test func `a request that this version cannot read is refused, and the others are heard`() throws {
    let rig = try rig(.canary())
    let strange = rig.store.ask(.unreadable(kind: "teleport"))
    let request = rig.store.ask(.start("canary", version: "v2"))
    _ = try rig.step()
    #expect(rig.store.answers[strange]?.refusal?.hasPrefix("request \(strange) (`teleport`) is none that") == true)
    #expect(rig.store.answers[request]?.run == RunID(1))
  }

  @Test func `incidents are written down, refusals too, and a later controller knows which are open`() throws {
    let rig = try rig(.canary())
    let report = IncidentReport(title: "checkout answers 500", services: ["checkout-api"])
    let opened = rig.store.ask(.incident(.open(report)), by: .person("bob"), reason: "pager")
    let refused = rig.store.ask(.incident(.close(2, at: nil)))
    _ = try rig.step()
    let entry = try #require(try rig.store.entries.first { $0.sequence == rig.store.answers[opened]?.entry })
    #expect(entry.actor == .person("bob"))
    #expect(entry.reason == "pager")
    guard case .incident(.opened(let incident)) = entry.fact else {
      Issue.record("\(entry.fact)")
      return
    }
    #expect(incident.title == report.title)
    let refusal = "there is no incident 2; `headgate incident list` shows those there are"
    #expect(rig.store.answers[refused]?.refusal == refusal)
    #expect(try rig.store.entries.contains { $0.fact == .incident(.refused(.close(2, at: nil), because: refusal)) })
    try rig.open()
    let closed = rig.store.ask(.incident(.close(1, at: nil)))
    _ = try rig.step()
    #expect(rig.store.answers[closed]?.refusal == nil)
    #expect(rig.store.answers[closed]?.entry != nil)
  }

  @Test func `a definition is written once, also by a controller that has just been started`() throws {
    let rig = try rig(.canary(), .canary("other", service: "search"))
    rig.store.ask(.start("canary", version: "v2"))
    rig.store.ask(.start("other", version: "v2"))
    try rig.finish()
    rig.store.ask(.start("canary", version: "v3"))
    rig.store.ask(.start("canary", version: "v4"))
    try rig.finish()
    try rig.open()
    rig.store.ask(.start("canary", version: "v5"))
    try rig.finish()
    #expect(try rig.store.entries.filter { $0.fact.kind == .defined }.count == 2)
    #expect(try rig.outcome(of: 4) == .promoted)
  }

  @Test func `an act is kept with its actor and reason, and a refused one too`() throws {
    let rig = try rig(.canary())
    rig.store.ask(.start("canary", version: "v2"))
    try step(rig) { $0.weight() == .percent(5) }
    rig.store.ask(.act(RunID(1), .pause), by: .person("carol"), reason: "lunch")
    let second = rig.store.ask(.act(RunID(1), .pause), by: .person("dave"))
    _ = try rig.step()
    #expect(rig.store.answers[second]?.refusal == "run 1 of canary: it is paused already")
    let acts = try rig.store.entries(of: RunID(1)).filter { $0.fact.kind == .acted || $0.fact.kind == .refused }
    #expect(acts.map(\.actor.name) == ["carol", "dave"])
    #expect(acts.map(\.reason) == ["lunch", nil])
    #expect(rig.store.runs[RunID(1)]?.status == .paused)
  }

  // MARK: The journal

  @Test func `what cannot be written now is written later, in full and once`() throws {
    let quiet = try rig(.canary())
    quiet.store.ask(.start("canary", version: "v2"))
    try quiet.finish()
    for append in 2...quiet.store.appends {
      let rig = try rig(.canary())
      rig.store.troubles = [append: .refusal(.unavailable), append + 1: .refusal(.unavailable)]
      rig.store.ask(.start("canary", version: "v2"))
      try rig.finish(retrying: .unavailable)
      #expect(try rig.outcome(of: 1) == .promoted, "refused at write \(append)")
      #expect(rig.sink.countedOnce == quiet.sink.countedOnce)
      #expect(try rig.facts == quiet.facts, "refused at write \(append)")
      #expect(rig.sink.violations + rig.violations == [])
    }
  }

  @Test func `nothing is begun before its write has been made`() throws {
    let rig = try rig(.canary())
    rig.store.ask(.start("canary", version: "v2"))
    rig.store.troubles = [2: .refusal(.unavailable)]
    #expect(throws: JournalFailure.self) { try rig.turn([]) }
    #expect(rig.sink.performed.isEmpty)
    #expect(rig.conductor?.isBlocked == true)
    #expect(rig.store.answers.isEmpty)
    try rig.turn([])
    #expect(rig.conductor?.isBlocked == false)
    #expect(rig.sink.performed.map(\.work) == [.deploy(stage: 0, .candidate)])
  }

  @Test func `a controller that was fenced off does nothing more, what was due included`() throws {
    let rig = try rig(.canary())
    rig.store.ask(.start("canary", version: "v2"))
    try step(rig) { $0.sink.performed.contains { $0.work == .measure(.move, metric: 0) } }
    let before = rig.sink.performed.count
    _ = try MemoryJournal(rig.store)
    // A look is due in the very turn that cannot be written.
    let later = rig.now + .minutes(1)
    let late = Inbound.fact(RunID(1), .measured(EffectID(3), .answer(.number(0))))
    #expect { try rig.turn([late], at: later) } throws: { ($0 as? JournalFailure)?.kind == .fenced }
    #expect(rig.sink.performed.count == before)
  }

  @Test func `time in the journal never runs backwards, whatever the wall clock does`() throws {
    let rig = try rig(.canary())
    rig.store.ask(.start("canary", version: "v2"))
    var last = rig.now
    while try rig.outcome(of: 1) == nil {
      try rig.turn([], at: last + .hours(-3))
      _ = try rig.step()
      last = rig.now
    }
    let times = try rig.store.entries.map(\.time)
    #expect(times == times.sorted())
  }

  // MARK: Runs beside each other

  @Test func `runs of two targets go on beside each other`() throws {
    let rig = try rig(.canary(), .canary("search", service: "search"))
    rig.store.ask(.start("canary", version: "v2"))
    rig.store.ask(.start("search", version: "v7"))
    try step(rig) { $0.weight() == .percent(25) && $0.weight(of: "search") == .percent(25) }
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .promoted)
    #expect(try rig.outcome(of: 2) == .promoted)
  }

  @Test func `while a run is in flight another is refused, where the policy says so`() throws {
    let rig = try rig(.canary())
    rig.store.ask(.start("canary", version: "v2"))
    let second = rig.store.ask(.start("canary", version: "v3"))
    _ = try rig.step()
    #expect(rig.store.answers[second]?.refusal?.contains("run 1 of checkout in production is in flight") == true)
    #expect(rig.store.runs.count == 1)
  }

  @Test func `a queued run begins when the one before it has ended, with what is stable by then`() throws {
    let rig = try rig(.canary(whenBusy: .queue))
    rig.store.ask(.start("canary", version: "v2"))
    rig.store.ask(.start("canary", version: "v3"))
    _ = try rig.step()
    #expect(rig.store.runs[RunID(2)]?.status == .queued)
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .promoted)
    #expect(try rig.outcome(of: 2) == .promoted)
    #expect(rig.store.targets.values.first?.stable.map(\.version) == ["v2", "v3"])
    #expect(rig.violations == [])
  }

  @Test func `a run that supersedes takes the place of the one in flight, once it is taken back`() throws {
    let rig = try rig(.canary(whenBusy: .supersede))
    rig.store.ask(.start("canary", version: "v2"))
    try step(rig) { $0.weight() == .percent(25) }
    rig.store.ask(.start("canary", version: "v3"))
    rig.store.ask(.start("canary", version: "v4"))
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack)
    #expect(try rig.outcome(of: 2) == .aborted)
    #expect(try rig.outcome(of: 3) == .promoted)
    #expect(rig.violations == [])
  }

  @Test func `a queued run begins after a crash around the end of the one before it`() throws {
    let quiet = try rig(.canary(whenBusy: .queue))
    quiet.store.ask(.start("canary", version: "v2"))
    try quiet.finish()
    for written in [false, true] {
      let rig = try rig(.canary(whenBusy: .queue))
      rig.store.ask(.start("canary", version: "v2"))
      rig.store.ask(.start("canary", version: "v3"))
      rig.store.troubles = [quiet.store.appends: .crash(written: written)]
      try rig.finish()
      #expect(rig.crashes == 1)
      #expect(try rig.outcome(of: 2) == .promoted)
      #expect(rig.violations + rig.sink.violations == [])
    }
  }

  // MARK: After the end

  @Test func `a promoted run is rolled back on request, and what was stable before is stable again`() throws {
    let rig = try rig(.canary())
    for version in ["v1", "v2"] {
      rig.store.ask(.start("canary", version: version))
      try rig.finish()
      rig.sink.worlds = [:]
    }
    let request = rig.store.ask(.act(RunID(2), .rollback), reason: "too slow in Asia")
    try rig.finish()
    #expect(rig.store.answers[request]?.refusal == nil)
    #expect(try rig.outcome(of: 2) == .rolledBack)
    #expect(rig.weight() == Weight.none)
    let target = try #require(rig.store.targets.values.first)
    #expect(target.stable.map(\.version) == ["v1"])
    #expect(target.reverted == ["v2"])
    #expect(rig.conductor?.activeRuns == 0)
  }

  @Test func `a promoted run is rolled back though the controller is killed around every write of it`() throws {
    for append in 1...8 {
      let rig = try rig(.canary())
      for version in ["v1", "v2"] {
        rig.store.ask(.start("canary", version: version))
        try rig.finish()
        rig.sink.worlds = [:]
      }
      rig.store.troubles = [rig.store.appends + append: .crash(written: append % 2 == 0)]
      rig.store.ask(.act(RunID(2), .rollback))
      try rig.finish()
      #expect(try rig.outcome(of: 2) == .rolledBack)
      #expect(rig.store.targets.values.first?.stable.map(\.version) == ["v1"])
    }
  }

  @Test func `the entry that ends a run says what its target runs now`() throws {
    let rig = try rig(.canary())
    for version in ["v1", "v2"] {
      rig.store.ask(.start("canary", version: version))
      try rig.finish()
    }
    let record = try #require(rig.store.targets.values.first)
    #expect(try rig.store.entries.last?.decisions.last == .recorded(record))
  }

  @Test func `a run is not rolled back once a newer one was promoted, and nothing changes`() throws {
    let rig = try rig(.canary())
    for version in ["v1", "v2", "v3"] {
      rig.store.ask(.start("canary", version: version))
      try rig.finish()
    }
    let before = rig.store.targets
    let record = try #require(rig.store.runs[RunID(2)])
    let request = rig.store.ask(.act(RunID(2), .rollback))
    try rig.finish()
    #expect(rig.store.answers[request]?.refusal?.contains("another version has been promoted since") == true)
    #expect(rig.store.targets == before)
    let after = try #require(rig.store.runs[RunID(2)])
    #expect(after.status == .promoted)
    #expect(after.endedAt == record.endedAt)
    #expect(rig.conductor?.activeRuns == 0)
    // The target is free: the next one starts at once.
    rig.store.ask(.start("canary", version: "v4"))
    try rig.finish()
    #expect(try rig.outcome(of: 4) == .promoted)
  }

  @Test func `refusals after a run has ended do not move its end`() throws {
    let rig = try rig(.canary())
    rig.store.ask(.start("canary", version: "v1"))
    try rig.finish()
    let ended = rig.store.runs[RunID(1)]?.endedAt
    for minutes in [10, 20] as [Int64] {
      rig.at((rig.now - Simulator.epoch) + .minutes(minutes)) { $0.store.ask(.act(RunID(1), .pause)) }
      try rig.finish()
    }
    #expect(rig.store.runs[RunID(1)]?.endedAt == ended)
    #expect(try rig.store.entries(of: RunID(1)).suffix(2).map(\.fact.kind) == [.refused, .refused])
  }

  @Test func `an answer that comes after the end is dropped`() throws {
    let rig = try rig(.canary())
    rig.store.ask(.start("canary", version: "v1"))
    try rig.finish()
    let written = rig.store.lines.count
    try rig.turn([.fact(RunID(1), .shifted(EffectID(2))), .fact(RunID(1), .drifted(route: 0, found: .none))])
    #expect(rig.store.lines.count == written)
  }

  // MARK: Runs that cannot be followed

  @Test func `a run that cannot be followed is set aside, its target stays taken, the others go on`() throws {
    let rig = try rig(.canary(), .canary("search", service: "search"))
    rig.store.ask(.start("canary", version: "v2"))
    rig.store.ask(.start("search", version: "v7"))
    try step(rig) { $0.weight() == .percent(5) }
    // Only a damaged journal or a mistake of ours brings a fact of the store to a run.
    try rig.turn([.fact(RunID(1), .controllerStarted(epoch: 9))])
    #expect(rig.conductor?.setAside[RunID(1)] == "a fact of the store came to run 1")
    let act = rig.store.ask(.act(RunID(1), .abort))
    let start = rig.store.ask(.start("canary", version: "v3"))
    try rig.finish()
    #expect(
      rig.store.answers[act]?.refusal
        == "run 1 was set aside: a fact of the store came to run 1; `headgate abort 1 --reason …` frees "
        + "checkout in production for other runs, and leaves its traffic as it is")
    #expect(rig.store.answers[start]?.refusal?.contains("run 1 of checkout in production was set aside") == true)
    #expect(try rig.outcome(of: 2) == .promoted)
  }

  @Test func `a run set aside is let go by a person with a reason, and its traffic is left as it was`() throws {
    let rig = try rig(.canary())
    rig.store.ask(.start("canary", version: "v2"))
    try step(rig) { $0.weight() == .percent(5) }
    try rig.turn([.fact(RunID(1), .controllerStarted(epoch: 9))])
    let pause = rig.store.ask(.act(RunID(1), .pause), reason: "to look at it")
    let abort = rig.store.ask(.act(RunID(1), .abort), by: .person("carol"), reason: "OPS-9: router put right by hand")
    rig.store.troubles = [rig.store.appends + 1: .refusal(.unavailable)]
    try rig.finish(retrying: .unavailable)
    #expect(rig.store.answers[pause]?.refusal?.contains("was set aside") == true)
    #expect(rig.store.answers[abort]?.refusal == nil)
    #expect(rig.weight() == .percent(5))
    #expect(rig.store.runs[RunID(1)]?.status == .aborted)
    let last = try #require(try rig.store.entries(of: RunID(1)).last)
    #expect(last.decisions.filter(\.isOfTheRun) == [.released, .ended(.aborted)])
    #expect(last.actor == .person("carol"))
    #expect(rig.conductor?.setAside.isEmpty == true)
    rig.store.ask(.start("canary", version: "v3"))
    try rig.finish()
    #expect(try rig.outcome(of: 2) == .promoted)
    try rig.open()
    #expect(rig.conductor?.setAside.isEmpty == true)
    let late = rig.store.ask(.act(RunID(1), .rollback), reason: "why not")
    try rig.finish()
    #expect(rig.store.answers[late]?.refusal?.contains("its target was freed") == true)
  }

  // MARK: Checks that nobody awaits

  @Test func `a new controller has the commands ended that nobody awaits, and no others`() throws {
    var pipeline = Pipeline.canary()
    pipeline.stages.insert(Stage(name: "tests", work: .check(Check(command: Template(text: "make test")))), at: 0)
    let rig = try rig(pipeline, .canary("search", service: "search"))
    rig.store.ask(.start("canary", version: "v2"))
    rig.store.ask(.start("search", version: "v7"))
    try step(rig) { $0.sink.performed.contains { $0.work == .check(stage: 0) } }
    let awaited = try #require(rig.sink.performed.first { $0.work == .check(stage: 0) }).key
    try rig.turn([.fact(RunID(2), .controllerStarted(epoch: 9))])
    rig.sink.checks = [awaited, "memory-1-77", "memory-2-1", "memory-9-1", "another-1-77"]
    rig.crash()
    _ = try rig.step()
    // Run 2 follows its journal again; nothing of another store is touched.
    #expect(rig.sink.checks == [awaited, "another-1-77"])
  }

  // MARK: Who may do what

  @Test(arguments: [Act.Promotion.step, .all])
  func `promote without a reason is refused, whoever asks from wherever`(how: Act.Promotion) throws {
    let rig = try rig(.canary())
    rig.store.ask(.start("canary", version: "v2"))
    try step(rig) { $0.weight() == .percent(5) }
    _ = try rig.step()
    for reason in [nil, "", " \n"] {
      let wordless = rig.store.ask(.act(RunID(1), .promote(how)), reason: reason)
      _ = try rig.step()
      #expect(rig.store.answers[wordless]?.refusal?.contains("needs a reason: say why with --reason") == true)
      #expect(try rig.store.entries(of: RunID(1)).contains { $0.fact.kind == .refused })
    }
    let said = rig.store.ask(.act(RunID(1), .promote(.all)), reason: "OPS-3")
    _ = try rig.step()
    #expect(rig.store.answers[said]?.refusal == nil)
  }

  @Test func `roles are those of the controller's installation, not those an asker claims`() throws {
    let approval = Approval(from: ["manager"], approvals: 1, excludeRequester: false)
    let gated = Pipeline(
      name: "gated", target: Target(service: "checkout", environment: "production"),
      stages: [Stage(name: "approve", work: .approve(approval))])
    let rig = Rig(FixedCompiler(gated), world: .healthy())
    rig.roles = { $0.name == "mary" ? ["manager"] : [] }
    try rig.open()
    rig.store.ask(.start("gated", version: "v2"))
    try step(rig) { $0.store.runs[RunID(1)]?.status == .running }
    let claimed = rig.store.ask(.act(RunID(1), .approve(roles: ["manager"])), by: .person("bob"))
    let held = rig.store.ask(.act(RunID(1), .approve(roles: [])), by: .person("mary"))
    try rig.finish()
    #expect(rig.store.answers[claimed]?.refusal?.contains("bob holds none of the roles asked for: manager") == true)
    #expect(rig.store.answers[held]?.refusal == nil)
    let acts = try rig.store.entries(of: RunID(1)).compactMap { if case .acted(let act) = $0.fact { act } else { nil } }
    #expect(acts == [.approve(roles: ["manager"])])
  }

  // MARK: One route, two targets

  @Test func `a run of another target waits for the route that one moves now`() throws {
    var search = Pipeline.canary("search", service: "search", whenBusy: .queue)
    guard case .canary(var canary) = search.stages[0].work else { return }
    canary.route = RouteName(router: "edge", route: "checkout")
    search.stages[0].work = .canary(canary)
    var refused = search
    (refused.name, refused.whenBusy) = ("refused", .refuse)
    let rig = try rig(.canary(), search, refused)
    rig.store.ask(.start("canary", version: "v2"))
    let second = rig.store.ask(.start("refused", version: "v7"))
    rig.store.ask(.start("search", version: "v7"))
    try rig.finish()
    let refusal = rig.store.answers[second]?.refusal
    #expect(refusal?.contains("run 1 of checkout in production moves route edge/checkout now") == true)
    #expect(try rig.outcome(of: 1) == .promoted)
    #expect(try rig.outcome(of: 2) == .promoted)
    let ended = try #require(try rig.store.entries(of: RunID(1)).last).sequence
    let begun = try #require(try rig.store.entries(of: RunID(2)).first { $0.fact.kind == .begun }).sequence
    #expect(begun > ended)
  }

  @Test func `a run whose pipeline does not compile any more is set aside by the next controller`() throws {
    let first = try rig(.canary(), .canary("search", service: "search"))
    first.store.ask(.start("canary", version: "v2"))
    first.store.ask(.start("search", version: "v7"))
    try step(first) { $0.weight() == .percent(5) }
    let other = Pipeline.canary("other", service: "checkout")
    let rig = Rig(FixedCompiler(.canary("search", service: "search"), other), store: first.store, world: .healthy())
    try rig.open()
    #expect(rig.conductor?.setAside.keys.sorted() == [RunID(1)])
    let start = rig.store.ask(.start("other", version: "v3"))
    try rig.finish()
    #expect(rig.store.answers[start]?.refusal?.contains("was set aside") == true)
    #expect(try rig.outcome(of: 2) == .promoted)
  }

  // MARK: Time

  @Test func `a router that forgot its weight is told again`() throws {
    let rig = try rig(.canary())
    rig.store.ask(.start("canary", version: "v2"))
    try step(rig) { $0.weight() == .percent(25) && $0.store.runs[RunID(1)]?.weight == .percent(25) }
    _ = try rig.step()
    for target in rig.sink.worlds.keys {
      rig.sink.worlds[target]?.happen(.router("edge", .forget, for: nil), at: rig.now)
    }
    #expect(rig.weight() == Weight.none)
    rig.conductor?.readBackWeights()
    try step(rig) { $0.weight() == .percent(25) }
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .promoted)
    #expect(rig.sink.violations == [])
  }

  @Test func `a router is read back too while traffic is being taken back`() throws {
    let store = MemoryStore()
    let sink = Recorder()
    let conductor = try Conductor(
      journal: try MemoryJournal(store), compiler: FixedCompiler(.canary()), sink: sink, log: Logger(label: "test"))
    try conductor.resume(now: Simulator.epoch)
    let start = Request(
      id: store.ask(.start("canary", version: "v2")), time: Simulator.epoch, actor: .person("ann"), origin: "test",
      reason: nil, ask: .start("canary", version: "v2"))
    try conductor.turn([.request(start)], now: Simulator.epoch)
    for fact in [Fact.deployed(EffectID(1)), .shifted(EffectID(2)), .superseded(by: RunID(9))] {
      try conductor.turn([.fact(RunID(1), fact)], now: Simulator.epoch)
    }
    conductor.readBackWeights()
    #expect(sink.looks.isEmpty, "the weight is being changed")
    let back = try #require(sink.performed.last)
    #expect(back.effect.work == .setWeight(route: 0, .none))
    try conductor.turn([.fact(RunID(1), .shifted(back.effect.id))], now: Simulator.epoch)
    #expect(sink.performed.last?.effect.work == .retire(stage: 0, .candidate))
    conductor.readBackWeights()
    #expect(sink.looks == [.none])
  }

  /// Keeps what it is asked for, and answers nothing.
  private final class Recorder: EffectSink {
    var performed: [WorkOrder] = []
    var looks: [Weight] = []
    func perform(_ orders: [WorkOrder]) { performed += orders }
    func readBack(_ run: RunID, plan: Plan, start: Start, route: Int, state: RouteState) {
      if state.confirmed, let wanted = state.wanted { looks.append(wanted) }
    }
    func sweep() {}
    func forgetStrays(where isStray: (String) -> Bool) {}
  }

  @Test func `timers of a run that has ended wake nobody`() throws {
    let rig = try rig(.canary(), errors: 0.3)
    rig.store.ask(.start("canary", version: "v2"))
    try rig.finish()
    #expect(try rig.outcome(of: 1) == .rolledBack)
    let written = rig.store.lines.count
    for hours in [1, 5, 100] as [Int64] { try rig.turn([], at: rig.now + .hours(hours)) }
    #expect(rig.store.lines.count == written)
    #expect(rig.conductor?.nextTimer == nil)
  }
}

extension Effect.Work {
  fileprivate var weight: Weight? { if case .setWeight(_, let weight) = self { weight } else { nil } }
}
