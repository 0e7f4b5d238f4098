import Engine
import PipelineModel
import PluginKit
import TestSupport
import Testing

@testable import Controller

// Each effect brings one fact, whatever the backend does; templates are filled; calls for one route or slot never
// overlap. The ports are a small model, whose calls the test lets through.

@Suite struct DispatcherTests {
  private let inbox = Inbox()
  private let router = FakeRouter()
  private let provider: FakeProvider
  private let deployer = FakeDeployer()
  private let checks = FakeChecks(.exited(status: 0, output: "fine"))
  private let plan: Plan
  private let start: Start

  init() {
    provider = FakeProvider()
    let template = Template(parts: [
      .text("errors{version=\""), .variable("version"), .text("\",team=\""), .variable("team"), .text("\"}["),
      .variable("interval"), .text("] at "), .variable("weight"),
    ])
    var metric = Metric.errors
    metric.query = template
    let check = Check(
      command: Template(parts: [.text("make test VERSION="), .variable("version")]),
      environment: [Check.Variable(name: "KEY", value: Template(parts: [.variable("key")]))],
      directory: Template(text: "/srv"))
    var pipeline = Pipeline.canary()
    pipeline.metrics = [metric]
    pipeline.stages.append(Stage(name: "unit tests", work: .check(check)))
    plan = Plan(pipeline)
    start = Start(
      pipeline: "canary", target: pipeline.target, version: "v2", stable: "v1",
      parameters: [.init(name: "team", value: "payments"), .init(name: "version", value: "v2")], slots: [.green])
  }

  private func dispatcher(
    router: FakeRouter? = nil, provider: FakeProvider? = nil, deployer: FakeDeployer? = nil, checks: FakeChecks? = nil
  ) -> Dispatcher {
    let backends = Backends(
      providers: ["metrics": provider ?? self.provider], routers: ["edge": router ?? self.router],
      deployers: ["hosts": deployer ?? self.deployer], checks: checks ?? self.checks)
    let zero = Timestamp(milliseconds: 0)
    return Dispatcher(backends: backends, inbox: inbox, clock: Clock(wall: zero, notBefore: zero, speed: 1e6))
  }

  private func order(_ work: Effect.Work, id: Int = 1, plan: Plan? = nil) -> WorkOrder {
    WorkOrder(
      Commission(run: RunID(4), plan: plan ?? self.plan, start: start, store: "store"),
      Effect(id: EffectID(id), work: work, notBefore: Timestamp(milliseconds: 0)), weight: .percent(25),
      interval: .minutes(1))
  }

  /// The facts that have come once so many are there.
  private func facts(_ count: Int) async throws -> [Fact] {
    var facts: [Fact] = []
    try await eventually("\(count) facts come") {
      for case .fact(let run, let fact) in inbox.taken() {
        #expect(run == RunID(4))
        facts.append(fact)
      }
      return facts.count >= count
    }
    return facts
  }

  @Test func `a look that comes late asks about when it was due, where the next would count the same requests again`()
    async throws
  {
    provider.stage.open()
    var pipeline = plan.pipeline
    pipeline.metrics[0].rule = .comparison(Comparison())
    pipeline.metrics[0].questions = [Question(.bad(.canary), Template(text: "q"))]
    // The clock runs a million times as fast as real ones: a look that was due at its start is late.
    dispatcher().perform([order(.measure(.move, metric: 0), plan: Plan(pipeline))])
    _ = try await facts(1)
    #expect(provider.asked.first?.at == Timestamp(milliseconds: 0))
  }

  private var later: ContinuousClock.Instant { .now + .hours(48) }

  // MARK: Metrics

  @Test func `a query is filled from parameters and built-ins, and its answer comes back under the effect's id`()
    async throws
  {
    provider.stage.open()
    dispatcher().perform([order(.measure(.move, metric: 0), id: 12)])
    #expect(try await facts(1) == [.measured(EffectID(12), .answer(.number(0.01)))])
    let query = try #require(provider.asked.first)
    #expect(query.text == "errors{version=\"v2\",team=\"payments\"}[60s] at 25")
    #expect(query.interval == .minutes(1))
  }

  @Test func `a provider that fails, is not there, or is asked what cannot be filled, gives a reading that says so`()
    async throws
  {
    let failing = FakeProvider { _ throws(Failure) in throw Failure(.transient, "HTTP 503") }
    failing.stage.open()
    dispatcher(provider: failing).perform([order(.measure(.move, metric: 0))])
    #expect(try await facts(1) == [.measured(EffectID(1), .failure(Failure(.transient, "HTTP 503")))])

    var pipeline = plan.pipeline
    pipeline.metrics[0].provider = "prometheus"
    dispatcher().perform([order(.measure(.move, metric: 0), plan: Plan(pipeline))])
    let missing = Failure(.misconfigured, "no provider \"prometheus\" in headgate.yaml; configured: metrics")
    #expect(try await facts(1) == [.measured(EffectID(1), .failure(missing))])

    pipeline.metrics[0].provider = "metrics"
    pipeline.metrics[0].query = Template(parts: [.variable("region")])
    dispatcher().perform([order(.measure(.move, metric: 0), plan: Plan(pipeline))])
    let unknown = Failure(.misconfigured, "nothing is known to fill ${region} with")
    #expect(try await facts(1) == [.measured(EffectID(1), .failure(unknown))])
  }

  @Test func `a provider that hangs is given up, and what it says after that is dropped`() async throws {
    let dispatcher = dispatcher()
    dispatcher.perform([order(.measure(.move, metric: 0), id: 3)])
    try await eventually("it is asked") { !provider.stage.onStage.isEmpty }
    dispatcher.sweep(later)
    #expect(try await facts(1) == [.measured(EffectID(3), .failure(Failure(.transient, "no answer within 15s")))])
    provider.stage.open()
    try await eventually("it returns") { provider.stage.onStage.isEmpty }
    dispatcher.perform([order(.measure(.move, metric: 0), id: 4)])
    #expect(try await facts(1) == [.measured(EffectID(4), .answer(.number(0.01)))])
  }

  @Test func `at most sixteen questions are under way at one provider`() async throws {
    let dispatcher = dispatcher()
    for id in 1...40 { dispatcher.perform([order(.measure(.move, metric: 0), id: id)]) }
    try await eventually("they are asked") { provider.stage.most == Dispatcher.width }
    provider.stage.open()
    #expect(try await facts(40).count == 40)
    #expect(provider.stage.most == Dispatcher.width)
  }

  // MARK: Backends that need not be waited for

  @Test func `what needs no waiting is done before perform returns, failures included`() {
    let backends = Backends(
      providers: ["metrics": Oracle()], routers: ["edge": Oracle()], checks: checks)
    let zero = Timestamp(milliseconds: 0)
    let dispatcher = Dispatcher(backends: backends, inbox: inbox, clock: Clock(wall: zero, notBefore: zero, speed: 1e6))
    dispatcher.perform([
      order(.measure(.move, metric: 0), id: 1), order(.setWeight(route: 0, .percent(25)), id: 2),
      order(.setWeight(route: 0, .percent(50)), id: 3),
    ])
    let facts = inbox.taken().map { if case .fact(RunID(4), let fact) = $0 { fact } else { Fact.timePassed } }
    #expect(
      facts == [
        .measured(EffectID(1), .answer(.text("errors{version=\"v2\",team=\"payments\"}[60s] at 25"))),
        .shifted(EffectID(2)), .failed(EffectID(3), Failure(.rejected, "no more than 25%")),
      ])
  }

  /// Answers with the question, and sets no more than 25 %.
  private struct Oracle: SynchronousMetricProvider, SynchronousTrafficRouter {
    func answer(_ query: MetricQuery) throws(Failure) -> Answer { .text(query.text) }
    func set(_ change: WeightChange) throws(Failure) {
      if change.weight > .percent(25) { throw Failure(.rejected, "no more than 25%") }
    }
    func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight { .none }
  }

  // MARK: Traffic

  @Test func `a weight is set with the candidate's slot and a key that is the same for every try`() async throws {
    router.stage.open()
    let dispatcher = dispatcher()
    dispatcher.perform([order(.setWeight(route: 0, .percent(25)), id: 2)])
    #expect(try await facts(1) == [.shifted(EffectID(2))])
    dispatcher.perform([order(.setWeight(route: 0, .percent(25)), id: 2)])
    #expect(try await facts(1) == [.shifted(EffectID(2))])
    let change = WeightChange(route: "checkout", candidate: .green, weight: .percent(25), key: "store-4-2")
    #expect(router.done == [change, change])
  }

  @Test func `the nought of a rollback comes after a slow 25 percent, whether that listens or not`() async throws {
    for listens in [true, false] {
      let router = FakeRouter(listens: listens)
      let dispatcher = dispatcher(router: router)
      dispatcher.perform([order(.setWeight(route: 0, .percent(25)), id: 2)])
      try await eventually("it begins") { router.stage.onStage == ["25%"] }
      dispatcher.perform([order(.setWeight(route: 0, .none), id: 3)])
      router.stage.open()
      let facts = try await facts(2)
      #expect(facts.last == .shifted(EffectID(3)))
      #expect(router["checkout"] == Weight.none)
      #expect(router.stage.overlaps == [])
    }
  }

  @Test func `a 25 percent that was given up and lands after the nought does not stay`() async throws {
    let router = FakeRouter(listens: false)
    let dispatcher = dispatcher(router: router)
    dispatcher.perform([order(.setWeight(route: 0, .percent(25)), id: 2)])
    try await eventually("it begins") { router.stage.onStage == ["25%"] }
    dispatcher.perform([order(.setWeight(route: 0, .none), id: 3)])
    dispatcher.sweep(later)
    router.stage.release("0%")
    #expect(
      try await facts(2) == [.failed(EffectID(2), Failure(.transient, "no answer within 30s")), .shifted(EffectID(3))])
    router.stage.release("25%")
    try await eventually("the last word is the rollback's") {
      router.done.map(\.weight) == [.none, .percent(25), .none]
    }
    #expect(router["checkout"] == Weight.none)
    #expect(inbox.taken().isEmpty)
  }

  @Test func `read-back reports a weight that differs from the nearest the router can give, and no other`()
    async throws
  {
    let dispatcher = dispatcher()
    let lane = dispatcher.lane(to: .route(RouteName(router: "edge", route: "checkout")))
    for (found, isNews) in [(.percent(30), false), (.percent(20), true), (Weight.none, true), (nil, false)]
      as [(Weight?, Bool)]
    {
      router["checkout"] = found
      dispatcher.readBack(
        RunID(4), plan: plan, start: start, route: 0, state: RouteState(wanted: .percent(25), confirmed: true))
      try await eventually("it has looked") { lane.running == 0 }
      let came = inbox.taken()
      if isNews, let found {
        guard case .fact(_, .drifted(route: 0, found: found))? = came.first else {
          Issue.record("\(found) was not reported")
          continue
        }
      } else {
        #expect(came.isEmpty)
      }
    }
  }

  // MARK: Deployments

  @Test func `a version is deployed when it is ready, and rejected when it says it cannot be`() async throws {
    let slow = FakeDeployer([.starting("pulling"), .starting("warming up"), .ready])
    slow.stage.open()
    dispatcher(deployer: slow).perform([order(.deploy(stage: 0, .candidate), id: 1)])
    #expect(try await facts(1) == [.deployed(EffectID(1))])
    #expect(slow.running == [.green: "v2"])
    let broken = FakeDeployer([.starting("pulling"), .failed("exit status 3")])
    broken.stage.open()
    dispatcher(deployer: broken).perform([order(.deploy(stage: 0, .candidate), id: 2)])
    #expect(try await facts(1) == [.failed(EffectID(2), Failure(.rejected, "exit status 3"))])
  }

  @Test func `a retirement of the stable version that is under way does not take down what a rollback brings up`()
    async throws
  {
    let dispatcher = dispatcher()
    dispatcher.perform([order(.retire(stage: 0, .stable), id: 5)])
    try await eventually("it begins") { deployer.stage.onStage == ["stop v1"] }
    dispatcher.perform([order(.deploy(stage: 0, .stable), id: 6)])
    deployer.stage.open()
    #expect(try await facts(2).last == .deployed(EffectID(6)))
    #expect(deployer.running == [.blue: "v1"])
    #expect(deployer.stage.overlaps == [])
  }

  // MARK: Fallbacks

  @Test func `a metric's own fallback is asked in its own language when the provider gives no answer`() async throws {
    let broken = FakeProvider { _ throws(Failure) in throw Failure(.transient, "refused", retryAfter: .seconds(3)) }
    let replica = FakeProvider { _ in .number(0.5) }
    var pipeline = plan.pipeline
    pipeline.metrics[0].fallback = .init(
      provider: "replica", query: Template(parts: [.text("errors of "), .variable("version")]))
    let backends = Backends(providers: ["metrics": broken, "replica": replica], checks: checks)
    let zero = Timestamp(milliseconds: 0)
    let dispatcher = Dispatcher(
      backends: backends, inbox: inbox, clock: Clock(wall: zero, notBefore: zero, speed: 1e6))
    broken.stage.open()
    replica.stage.open()
    dispatcher.perform([order(.measure(.move, metric: 0), id: 8, plan: Plan(pipeline))])
    #expect(
      try await facts(1) == [
        .measured(EffectID(8), .noted(.number(0.5), .init(stand: .init(provider: "replica", because: "refused"))))
      ])
    #expect(replica.asked.map(\.text) == ["errors of v2"])
  }

  // MARK: Checks

  @Test func `a check runs its command with all it may want to know, and reports how it ended`() async throws {
    let checks = FakeChecks(.running, .running, .exited(status: 3, output: "2 tests failed"))
    dispatcher(checks: checks).perform([order(.check(stage: 1), id: 8)])
    #expect(try await facts(1) == [.checked(EffectID(8), status: 3, output: "2 tests failed")])
    let request = try #require(checks.started.first)
    #expect(request.key == "store-4-8")
    #expect(request.command == "make test VERSION=v2")
    #expect(request.directory == "/srv")
    #expect(request.environment["KEY"] == "store-4-8")
    #expect(request.environment["HEADGATE_STABLE_SLOT"] == "blue")
    #expect(request.environment["HEADGATE_TEAM"] == "payments")
    #expect(request.environment["HEADGATE_STAGE"] == "unit tests")
  }

  @Test func `a command that died or was never begun is no success`() async throws {
    dispatcher(checks: FakeChecks(.lost(output: "half"))).perform([order(.check(stage: 1), id: 1)])
    guard case .checked(EffectID(1), status: 255, let output)? = try await facts(1).first else {
      Issue.record("not a failed check")
      return
    }
    #expect(output.hasPrefix("half"))
    dispatcher(checks: FakeChecks(nil)).perform([order(.check(stage: 1), id: 2)])
    #expect(try await facts(1) == [.failed(EffectID(2), Failure(.transient, "the command was never begun"))])
  }

  @Test func `a command is ended at once, however many others run`() async throws {
    let checks = FakeChecks()
    let dispatcher = dispatcher(checks: checks)
    for id in 1...30 { dispatcher.perform([order(.check(stage: 1), id: id)]) }
    try await eventually("they run") { checks.started.count == Dispatcher.width }
    dispatcher.perform([order(.cancelCheck(EffectID(7)), id: 7)])
    try await eventually("it is ended") { checks.cancelled == ["store-4-7"] }
    dispatcher.close()
  }

  // MARK: The end

  @Test func `after the close no call is under way, and none begins`() async throws {
    let checks = FakeChecks()
    let dispatcher = dispatcher(router: router, checks: checks)
    dispatcher.perform([order(.setWeight(route: 0, .percent(25)))])
    dispatcher.perform([order(.check(stage: 1))])
    try await eventually("they begin") { router.stage.onStage.count == 1 && checks.started.count == 1 }
    dispatcher.close()
    dispatcher.perform([order(.deploy(stage: 0, .candidate))])
    dispatcher.perform([order(.setWeight(route: 0, .none))])
    let route = dispatcher.lane(to: .route(RouteName(router: "edge", route: "checkout")))
    try await eventually("all end") {
      router.stage.onStage.isEmpty && route.running == 0
        && dispatcher.lane(to: .checks).running == 0
    }
    #expect(deployer.stage.came == [])
    #expect(router.stage.came == ["25%"])
  }
}

extension Duration {
  fileprivate static func hours(_ hours: Int) -> Duration { .seconds(hours * 3600) }
}

extension Inbox {
  /// All that has come by now.
  fileprivate func taken() -> [Inbound] {
    var inbound: [Inbound] = []
    return take(into: &inbound, patience: .zero) ? inbound : []
  }
}
