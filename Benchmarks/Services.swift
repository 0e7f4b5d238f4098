import Controller
import Engine
import Logging
import PipelineModel
import PluginKit

/// Many services, each with a canary of its own: 4 weights, each judged by 5 looks, as fast as they can be taken. Every
/// run takes 24 durable steps after its start.
enum Services {
  static let stepsOfARun = 24

  static func pipeline(_ text: String) -> Pipeline {
    // No hold: a step is over when its gate has the evidence it asks for.
    let gate = Gate(metrics: [0], every: .milliseconds(1), delay: .zero, atLeast: 5)
    let steps = [5, 25, 50, 100].map { Canary.Step(weight: .percent($0), hold: .zero, gate: gate) }
    return pipeline(text, steps, [metric])
  }

  /// One of so many weights that a run of it alone takes as many commits.
  static func long(_ text: String, weights: Int) -> Pipeline {
    pipeline(text, (1...weights).map { Canary.Step(weight: Weight(basisPoints: $0), hold: .zero) }, [])
  }

  /// One that stays at its first weight for a day.
  static func slow(_ text: String) -> Pipeline {
    let gate = Gate(metrics: [0], every: .minutes(1), atLeast: 10)
    return pipeline(text, [Canary.Step(weight: .percent(5), hold: .hours(24), gate: gate)], [metric])
  }

  /// The text of such a one, as a team writes it.
  static func slowText(_ number: Int) -> String {
    """
    pipeline: service-\(number)
    service: service-\(number)
    environment: production
    parameters:
      version: { required: true }
    metrics:
      errors: { provider: metrics, query: 'errors{version="${version}"}', pass: value < 5% }
    stages:
      - canary: production
        route: edge/service-\(number)
        steps: [5%, 100%]
        hold: 24h
        gate: { metrics: [errors], every: 1m, atLeast: 10 measurements }

    """
  }

  private static func pipeline(_ text: String, _ steps: [Canary.Step], _ metrics: [Metric]) -> Pipeline {
    let canary = Canary(route: RouteName(router: "edge", route: text), steps: steps)
    return Pipeline(
      name: text, target: Target(service: text, environment: "production"), metrics: metrics,
      stages: [Stage(name: "canary", work: .canary(canary), deadline: .hours(100_000))])
  }

  private static var metric: Metric {
    Metric(
      name: "errors", provider: "metrics",
      query: Template(parts: [.text("errors{version=\""), .variable("version"), .text("\"}")]),
      rule: .threshold(.init(pass: .binary(.less, .value, .number(0.05)))))
  }
}

/// Makes pipelines of texts that are only their services' names: reading YAML is not what is measured here.
struct NameCompiler: PipelineCompiler {
  var make: @Sendable (String) -> Pipeline

  func compile(text: String, path: String) throws(Refusal) -> Pipeline { make(text) }

  func bind(_ given: [Start.Binding], to pipeline: Pipeline) throws(Refusal) -> [Start.Binding] { given }
}

/// Backends that do at once what they are asked.
struct Instant: SynchronousMetricProvider, SynchronousTrafficRouter, CheckRunner {
  func answer(_ query: MetricQuery) throws(Failure) -> Answer { .number(0.01) }

  func set(_ change: WeightChange) throws(Failure) {}
  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    throw Failure(.rejected, "this router cannot be read back")
  }

  func start(_ request: CheckRequest) async throws(Failure) {}
  func state(of key: String) async throws(Failure) -> CheckState? { .exited(status: 0, output: "") }
  func cancel(_ key: String) async {}
  func known() -> [String] { [] }
  func forget(_ key: String) async {}

  static let backends = Backends(
    providers: ["metrics": Instant()], routers: ["edge": Instant()], checks: Instant())
}

/// The same behind ports that are waited for, as every backend is that lives elsewhere.
struct Elsewhere: MetricProvider, TrafficRouter {
  func sample(_ query: MetricQuery) async throws(Failure) -> Answer { .number(0.01) }
  func setWeight(_ change: WeightChange) async throws(Failure) {}
  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    throw Failure(.rejected, "this router cannot be read back")
  }

  static let backends = Backends(
    providers: ["metrics": Elsewhere()], routers: ["edge": Elsewhere()], checks: Instant())
}

/// Nobody does anything: for what is measured of the controller alone.
final class NoSink: EffectSink {
  func perform(_ orders: [WorkOrder]) {}
  func readBack(_ run: RunID, plan: Plan, start: Start, route: Int, state: RouteState) {}
  func sweep() {}
  func forgetStrays(where isStray: (String) -> Bool) {}
}

/// Nobody does anything, but counts what was to be done.
final class CountingSink: EffectSink {
  private(set) var count = 0

  func perform(_ orders: [WorkOrder]) { count += orders.count }
  func readBack(_ run: RunID, plan: Plan, start: Start, route: Int, state: RouteState) {}
  func sweep() {}
  func forgetStrays(where isStray: (String) -> Bool) {}
}

extension Request {
  /// Starts the service of a number.
  static func start(_ number: Int, text: String? = nil) -> Request {
    Request(
      id: Int64(number), time: Timestamp(milliseconds: 1_795_266_300_000), actor: .person("alice"), origin: "bench",
      reason: nil,
      ask: .start(
        StartRequest(
          text: text ?? "service-\(number)", path: "service.yaml",
          parameters: [.init(name: "version", value: "4f2a9c1")])))
  }
}
