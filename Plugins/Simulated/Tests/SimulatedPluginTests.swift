import Engine
import PipelineModel
import PluginKit
import PluginTestKit
import SimulatedPlugin
import Simulation
import Synchronization
import Testing

/// The simulated backends keep the promises of their ports, and show what their world is made of.
///
/// A world with one metric, one route, one deployer and one check, and a clock that is set by hand.
@Suite struct SimulatedPluginTests {
  private static let plan = Plan(
    Pipeline(
      name: "p", target: Target(service: "s", environment: "e"),
      metrics: [
        Metric(
          name: "cpu", provider: "metrics", query: Template(text: "cpu"),
          rule: .threshold(.init(pass: .binary(.less, .value, .number(1))))),
        Metric(
          name: "p95", provider: "metrics", query: Template(text: "p95"),
          rule: .threshold(.init(pass: .binary(.less, .value, .number(1))))),
      ],
      stages: [
        Stage(name: "tests", work: .check(Check(command: Template(text: "true")))),
        Stage(
          name: "production",
          work: .blueGreen(BlueGreen(route: RouteName(router: "edge", route: "shop"), deploy: "servers"))),
      ]))

  private final class HandClock: Sendable {
    private let instant = Mutex(Timestamp(milliseconds: 0))
    var now: Timestamp { instant.withLock(\.self) }
    func advance(_ interval: Interval) { instant.withLock { $0 = $0 + interval } }
  }

  private let clock = HandClock()

  private func world(_ events: [ScenarioEvent] = []) -> SharedWorld {
    let scenario = Scenario(
      name: "test", pipeline: "",
      world: WorldModel(
        traffic: 100, stable: ["cpu": .constant(0.5), "p95": .lognormal(median: 0.2, sigma: 0.1)]), events: events)
    return SharedWorld(scenario, plan: Self.plan, now: { [clock] in clock.now })
  }

  private func event(_ at: Interval, _ happening: ScenarioEvent.Happening) -> ScenarioEvent {
    ScenarioEvent(trigger: .at(at), happenings: [happening])
  }

  private func query(_ metric: String) -> MetricQuery { MetricQuery(metric: metric, text: metric, at: clock.now) }

  @Test func `the provider keeps the promises of a provider`() async {
    await verifyProvider(
      ProviderHarness(
        provider: SimulatedProvider(world()),
        cases: [
          .init(query("cpu"), .answer(.number(0.5))), .init(query("p95"), .answer(.list([]))),
          .init(query("unheard of"), .failure(.rejected)),
        ]))
  }

  @Test func `the router keeps the promises of a router`() async {
    let world = world()
    await verifyRouter(RouterHarness(router: SimulatedRouter("edge", world), route: "shop"))
  }

  @Test func `the deployer keeps the promises of a deployer`() async {
    let world = world()
    await verifyDeployer(
      DeployerHarness(
        deployer: SimulatedDeployer("servers", world), restarted: SimulatedDeployer("servers", world),
        good: Deployment(service: "s", environment: "e", version: "v2", slot: .green, key: "1")))
  }

  @Test func `a deployment that the scenario lets fail is reported as failed`() async throws {
    let deployer = SimulatedDeployer("servers", world([event(.zero, .deployer("servers", .fail, for: nil))]))
    let deployment = Deployment(service: "s", environment: "e", version: "v2", slot: .green, key: "1")
    try await deployer.start(deployment)
    #expect(try await deployer.state(of: deployment) == .failed("servers: the new version does not start"))
  }

  @Test func `a check ends as the scenario says`() async throws {
    let checks = SimulatedChecks(world([event(.minutes(1), .check("tests", .fail))]))
    for (key, status) in [("first", 0), ("second", 1)] {
      let request = CheckRequest(
        key: key, command: "true", environment: ["HEADGATE_STAGE": "tests"], timeout: .minutes(1))
      try await checks.start(request)
      guard case .exited(let found, _)? = try await checks.state(of: key) else {
        Issue.record("no status")
        continue
      }
      #expect(found == status)
      clock.advance(.minutes(1))
    }
    #expect(try await checks.state(of: "never begun") == nil)
  }

  @Test func `what happens in the scenario shows at its time, and at its weight`() async throws {
    let slow = ScenarioEvent(
      trigger: .weight(.all, after: .minutes(2)), happenings: [.canary(["cpu": .become(.constant(0.9))])])
    let world = world([event(.minutes(5), .provider("metrics", .refuse, for: .minutes(1))), slow])
    let provider = SimulatedProvider(world)
    let router = SimulatedRouter("edge", world)
    #expect(try await provider.sample(query("cpu")) == .number(0.5))
    try await router.setWeight(WeightChange(route: "shop", candidate: .green, weight: .all, key: "1"))
    clock.advance(.minutes(2))
    #expect(try await provider.sample(query("cpu")) == .number(0.9))
    clock.advance(.minutes(3))
    let failure = await #expect(throws: Failure.self) { try await provider.sample(query("cpu")) }
    #expect(failure?.kind == .transient)
    clock.advance(.minutes(1))
    #expect(try await provider.sample(query("cpu")) == .number(0.9))
  }
}
