import Controller
import Engine
import Logging
import PipelineModel
import PluginKit
import Resilience
import SQLiteStore
import Synchronization

/// A thousand runs that ask the same ten queries every second: how often the provider is asked in one interval, beside
/// how often it is when nothing is shared.
func measureSharing() throws -> [Figure] {
  let alone = try Sharing(share: false).queries()
  let together = try Sharing(share: true).queries()
  return [
    Figure(
      name: "sharing/1000 runs, 10 queries", value: together, unit: "queries/interval",
      peer: ("the same, each for itself", alone), goal: "<= 10")
  ]
}

private struct Sharing {
  static let runs = 1000
  static let metrics = 10
  static let every = Interval.seconds(2)
  /// A gate's first look is its own; these come after it.
  static let intervals = 4
  let share: Bool

  /// The most in any interval.
  func queries() throws -> Double {
    let folder = try ScratchFolder()
    let store = try Store.openForDriving(folder.file("store.db"))
    defer { store.close() }
    let inbox = Inbox()
    let clock = Clock(wall: .wall, notBefore: store.head.time)
    let counting = Counting()
    var policy = ResiliencePolicy.standard(of: .metrics)
    policy.share = share
    let gate = BackendGuard(
      Backend(name: "metrics", kind: "counting", settings: Settings(), resilience: policy), .metrics,
      time: .real { clock.now }, board: HealthBoard())
    let backends = Backends(
      providers: ["metrics": ResilientProvider(counting, behind: gate)], routers: ["edge": Instant()], checks: Instant()
    )
    let dispatcher = Dispatcher(backends: backends, inbox: inbox, clock: clock)
    defer { dispatcher.close() }
    let controller = try Controller(
      journal: store, compiler: NameCompiler(make: Self.pipeline), sink: dispatcher, inbox: inbox, clock: clock,
      log: Logger(label: "bench"))
    for number in 1...Self.runs { inbox.put(.request(Request.start(number))) }
    try controller.drive { $0.activeRuns == 0 }
    return Double(counting.most())
  }

  private static func pipeline(_ text: String) -> Pipeline {
    let names = (0..<metrics).map { "metric-\($0)" }
    let gate = Gate(metrics: Array(names.indices), every: every, atLeast: intervals)
    let canary = Canary(
      route: RouteName(router: "edge", route: text),
      steps: [Canary.Step(weight: .all, hold: every * Int64(intervals), gate: gate)])
    return Pipeline(
      name: text, target: Target(service: text, environment: "production"),
      metrics: names.map { name in
        Metric(
          name: name, provider: "metrics", query: Template(text: name),
          rule: .threshold(.init(pass: .binary(.less, .value, .number(1)))))
      },
      stages: [Stage(name: "canary", work: .canary(canary), deadline: .hours(1))])
  }
}

/// Answers after a moment, as a metric store does, and keeps for which looks it was asked.
private final class Counting: MetricProvider {
  /// The planned instants of the looks.
  private let asked = Mutex<[Timestamp]>([])

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    asked.withLock { $0.append(query.look?.at ?? query.at) }
    try? await Task.sleep(for: .milliseconds(5))
    return .number(0.01)
  }

  /// The most questions for the looks of one interval.
  func most() -> Int {
    let length = Sharing.every.milliseconds
    return asked.withLock { asked in
      Dictionary(grouping: asked) { $0.milliseconds / length }.values.map(\.count).max() ?? 0
    }
  }
}
