import Engine
import PipelineModel
import PluginKit
import Synchronization

@testable import Controller

// A small model of what stands behind the ports. Each call passes over the stage, where a test can hold it up.

/// A router with weights, which gives tenths where it is asked for more exact shares.
final class FakeRouter: TrafficRouter {
  let stage = CallStage()
  private let weights = Mutex<[String: Weight]>([:])
  private let changes = Mutex<[WeightChange]>([])
  let listens: Bool

  init(listens: Bool = true) { self.listens = listens }

  func setWeight(_ change: WeightChange) async throws(Failure) {
    await stage.call("\(change.weight)", listens: listens)
    if listens, Task.isCancelled { throw Failure(.transient, "cancelled") }
    let nearest = nearest(to: change.weight, on: change.route)
    weights.withLock { $0[change.route] = nearest }
    changes.withLock { $0.append(change) }
  }

  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    guard let weight = self[route] else { throw Failure(.rejected, "no such route") }
    return weight
  }

  func nearest(to weight: Weight, on route: String) -> Weight {
    Weight(basisPoints: (weight.basisPoints + 500) / 1000 * 1000)
  }

  subscript(route: String) -> Weight? {
    get { weights.withLock { $0[route] } }
    set { weights.withLock { $0[route] = newValue } }
  }

  var done: [WeightChange] { changes.withLock { $0 } }
}

final class FakeProvider: MetricProvider {
  let stage = CallStage()
  private let queries = Mutex<[MetricQuery]>([])
  private let answer: @Sendable (MetricQuery) throws(Failure) -> Answer

  init(_ answer: @escaping @Sendable (MetricQuery) throws(Failure) -> Answer = { _ in .number(0.01) }) {
    self.answer = answer
  }

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    queries.withLock { $0.append(query) }
    await stage.call(query.text, listens: false)
    return try answer(query)
  }

  var asked: [MetricQuery] { queries.withLock { $0 } }
}

/// Hosts with slots, in which a version runs or does not.
final class FakeDeployer: Deployer {
  let stage = CallStage()
  private let up = Mutex<[Slot: String]>([:])
  private let states = Mutex<[DeploymentState]>([])

  /// - Parameter states: what it says of a version it was asked to start, one after the other, the last for good.
  init(_ states: [DeploymentState] = [.ready]) { self.states.withLock { $0 = states } }

  func start(_ deployment: Deployment) async throws(Failure) {
    await stage.call("start \(deployment.version)")
    up.withLock { $0[deployment.slot] = deployment.version }
  }

  func state(of deployment: Deployment) async throws(Failure) -> DeploymentState {
    states.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
  }

  func stop(_ deployment: Deployment) async throws(Failure) {
    await stage.call("stop \(deployment.version)")
    if Task.isCancelled { throw Failure(.transient, "cancelled") }
    up.withLock { $0[deployment.slot] = nil }
  }

  var running: [Slot: String] { up.withLock { $0 } }
}

final class FakeChecks: CheckRunner {
  private let requests = Mutex<[CheckRequest]>([])
  private let cancellations = Mutex<[String]>([])
  private let states = Mutex<[CheckState?]>([])

  init(_ states: CheckState?...) { self.states.withLock { $0 = states } }

  func start(_ request: CheckRequest) async throws(Failure) { requests.withLock { $0.append(request) } }

  func state(of key: String) async throws(Failure) -> CheckState? {
    states.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? .some(.running) }
  }

  func cancel(_ key: String) async { cancellations.withLock { $0.append(key) } }

  func known() -> [String] { started.map(\.key).sorted() }

  func forget(_ key: String) async { requests.withLock { $0.removeAll { $0.key == key } } }

  var started: [CheckRequest] { requests.withLock { $0 } }
  var cancelled: [String] { cancellations.withLock { $0 } }
}
