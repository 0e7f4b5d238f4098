import Controller
import Engine
import Logging
import PipelineModel
import PluginKit
import Resilience
import SQLiteStore
import Synchronization

/// A thousand runs that ask the same ten queries, half of them over windows of two seconds and half over three: how often
/// the provider is asked in one interval of each, beside how often it is when nothing is shared.
func measureSharing() throws -> [Figure] {
  let alone = try Sharing(share: false).queries()
  let together = try Sharing(share: true).queries()
  return Sharing.intervals.map { every in
    Figure(
      name: "sharing/1000 runs, 10 queries, those of every \(every)", value: together[every] ?? .nan,
      unit: "queries/interval", peer: ("the same, each for itself", alone[every] ?? .nan), goal: "<= 10")
  }
}

private struct Sharing {
  static let runs = 1000
  static let metrics = 10
  /// Between two looks, and of the window that each is about.
  static let intervals: [Interval] = [.seconds(2), .seconds(3)]
  /// A gate's first is its own; the others come after it.
  static let looks = 4
  let share: Bool

  /// The most in any interval, of each length.
  func queries() throws -> [Interval: Double] {
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
    return Dictionary(uniqueKeysWithValues: Self.intervals.map { ($0, Double(counting.most(every: $0))) })
  }

  private static func pipeline(_ text: String) -> Pipeline {
    let names = (0..<metrics).map { "metric-\($0)" }
    let every = intervals[text.utf8.reduce(0) { $0 + Int($1) } % intervals.count]
    let gate = Gate(metrics: Array(names.indices), every: every, atLeast: looks)
    let canary = Canary(
      route: RouteName(router: "edge", route: text),
      steps: [Canary.Step(weight: .all, hold: every * Int64(looks), gate: gate)])
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
  private let asked = Mutex<[(every: Interval, at: Timestamp)]>([])

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    asked.withLock { $0.append((query.interval, query.look?.at ?? query.at)) }
    try? await Task.sleep(for: .milliseconds(5))
    return .number(0.01)
  }

  /// The most questions over windows of that length for the looks of one interval, by the instants they were planned for.
  func most(every length: Interval) -> Int {
    asked.withLock { asked in
      let own = asked.filter { $0.every == length }
      return Dictionary(grouping: own) { $0.at.milliseconds / length.milliseconds }.values.map(\.count).max() ?? 0
    }
  }
}
