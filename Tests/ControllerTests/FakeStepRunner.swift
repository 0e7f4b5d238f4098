import PipelineModel
import PluginKit
import Synchronization

/// A runner whose steps say what the test wants, one after the other, the last for good.
final class FakeStepRunner: StepRunner {
  let steps: [StepKind] = [
    StepKind(
      name: "smoke", about: "tries a few requests",
      with: SettingsSchema([
        .init("suite", .text, required: true, about: "which"), .init("users", .number, about: "how many"),
        .init("pause", .duration, about: "between two"), .init("paths", .list(.text), about: "what to ask for"),
      ]))
  ]
  private let states: Mutex<[StepState?]>
  private let requests = Mutex<[StepRequest]>([])
  private let cancellations = Mutex<[String]>([])
  private let left: Mutex<[String]>
  let stage = CallStage()
  private let isHeldUp: Bool
  /// How many more times it cannot be asked to end a step.
  private let deafness: Mutex<Int>
  private let pollFailure: Failure?
  private let pollCount = Mutex(0)

  /// - Parameter failure: what comes of asking how far a step is, instead of a state.
  init(
    _ states: StepState?..., left: [String] = [], isHeldUp: Bool = false, deafTo cancellations: Int = 0,
    failing failure: Failure? = nil
  ) {
    pollFailure = failure
    deafness = Mutex(cancellations)
    self.states = Mutex(states)
    self.left = Mutex(left)
    self.isHeldUp = isHeldUp
  }

  func start(_ request: StepRequest) async throws(Failure) {
    if isHeldUp { await stage.call("start \(request.key)", listens: false) }
    requests.withLock { $0.append(request) }
  }

  func state(of key: String) async throws(Failure) -> StepState? {
    pollCount.withLock { $0 += 1 }
    if let pollFailure { throw pollFailure }
    return states.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? .some(.running(output: "at it")) }
  }

  func cancel(_ key: String) async throws(Failure) {
    let isDeaf = deafness.withLock { left in
      defer { left -= 1 }
      return left > 0
    }
    if isDeaf { throw Failure(.transient, "connection refused") }
    cancellations.withLock { $0.append(key) }
  }

  func known() -> [String] { left.withLock { $0 } }

  var started: [StepRequest] { requests.withLock { $0 } }
  var polls: Int { pollCount.withLock(\.self) }
  var cancelled: [String] { cancellations.withLock { $0 } }
}
