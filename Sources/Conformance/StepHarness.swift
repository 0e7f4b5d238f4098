import Foundation
package import PipelineModel
package import PluginKit

/// A runner of steps with what is needed to try the promises of `StepRunner` on it.
package struct StepHarness: Sendable {
  package var runner: any StepRunner
  /// A second instance over the same backend, as a restarted controller would make it.
  package var restarted: any StepRunner
  /// Passes.
  package var passing: StepRequest
  /// Fails.
  package var failing: StepRequest?
  /// Would go on for minutes.
  package var slow: StepRequest?
  /// How often the backend really began a step, told by its key.
  package var starts: (@Sendable (String) async throws -> Int)?
  package var secrets: [String]

  package init(
    runner: any StepRunner, restarted: any StepRunner, passing: StepRequest, failing: StepRequest? = nil,
    slow: StepRequest? = nil, starts: (@Sendable (String) async throws -> Int)? = nil, secrets: [String] = []
  ) {
    self.runner = runner
    self.restarted = restarted
    self.passing = passing
    self.failing = failing
    self.slow = slow
    self.starts = starts
    self.secrets = secrets
  }
}

extension StepHarness: Harness {
  /// A key that was never started is unknown, a step comes to its end and keeps it, twice with a key is once also after a
  /// restart, a failing one fails, a cancelled one ends for good, an unknown one is rejected. Keys say nothing: what nobody
  /// has seen is made up at random.
  package var promises: [Promise] {
    [
      .success(
        "a key that was never started is unknown",
        judge: { (state: StepState?) in
          state.map { "it is \($0)" }
        }
      ) { () async throws(Failure) in try await runner.state(of: Self.newKey) }
    ] + [(runner, "once"), (runner, "twice"), (restarted, "after a restart")].map { starting(passing, $1, by: $0) }
      + [
        settling(passing, "the passing step passes", by: restarted, to: .passed),
        settling(passing, "it has passed ever after", by: runner, to: .passed),
        starting(passing, "again, of one that has passed", by: restarted),
        .success(
          "twice with a key is once: a step that has passed is not begun anew",
          judge: { Self.complaint($0, .passed).map { "\($0): look at the key, and begin nothing twice" } }
        ) { () async throws(Failure) in try await runner.state(of: passing.key) },
      ] + counting + (failing.map(failingPromises) ?? []) + (slow.map(cancelling) ?? []) + unknown
  }

  private static var newKey: String { UUID().uuidString.lowercased() }

  private func starting(_ request: StepRequest, _ round: String, by runner: any StepRunner) -> Promise {
    .success("start of \(request.step), \(round)") { () async throws(Failure) in try await runner.start(request) }
  }

  private func settling(
    _ request: StepRequest, _ name: String, by runner: any StepRunner, to wanted: StepEnd?, orElse mend: String = ""
  ) -> Promise {
    .success(name, judge: { Self.complaint($0, wanted).map { $0 + mend } }) { () async throws(Failure) in
      try await Self.ending(of: request, by: runner, within: wanted == nil ? .seconds(15) : .seconds(50))
    }
  }

  /// Asks until it has ended, for so long at most.
  package static func ending(
    of request: StepRequest, by runner: any StepRunner, within limit: Duration = .seconds(50)
  ) async throws(Failure) -> StepState? {
    let end = ContinuousClock.now + limit
    while true {
      let state = try await runner.state(of: request.key)
      guard case .running? = state, ContinuousClock.now < end else { return state }
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  /// What is wrong with a state that is to be the end; `nil` for any end.
  package static func complaint(_ state: StepState?, _ wanted: StepEnd?) -> String? {
    switch state {
    case .ended(let end, _)? where wanted == nil || end == wanted: nil
    case .running?: "it is still running"
    case nil: "nothing is known of it"
    case .lost?, .ended?: wanted == nil ? nil : "it is \(state.map { "\($0)" } ?? "")"
    }
  }

  private var counting: [Promise] {
    guard let starts else { return [] }
    return [.truth("starts of one key", is: 1) { try await starts(passing.key) }]
  }

  private func failingPromises(_ request: StepRequest) -> [Promise] {
    [
      starting(request, "of one that fails", by: runner),
      settling(request, "the failing step fails", by: runner, to: .failed),
    ]
  }

  private func cancelling(_ request: StepRequest) -> [Promise] {
    [
      starting(request, "of a slow one", by: runner),
      .success(
        "the slow step is under way",
        judge: { (state: StepState?) in
          if case .running? = state { nil } else { "it is \(state.map { "\($0)" } ?? "unknown")" }
        }
      ) { () async throws(Failure) in try await runner.state(of: request.key) },
      .success("cancel, by a restarted controller") { () async throws(Failure) in
        try await restarted.cancel(request.key)
      },
      settling(
        request, "a cancelled step comes to its end", by: runner, to: nil,
        orElse: "; end what the step began when `cancel` comes, also by a process that did not begin it"),
      .success(
        "a cancelled step has not passed",
        judge: { (state: StepState?) in
          if case .ended(.passed, _)? = state { "it passed: say `failed` of what was cancelled" } else { nil }
        }
      ) { () async throws(Failure) in try await runner.state(of: request.key) },
      .success("cancel, twice") { () async throws(Failure) in try await runner.cancel(request.key) },
      starting(request, "again, of one that was cancelled", by: restarted),
      .success(
        "twice with a key is once: a cancelled step is not begun anew",
        judge: { (state: StepState?) in
          if case .running? = state { "it is running: look at the key, and begin nothing twice" } else { nil }
        }
      ) { () async throws(Failure) in try await runner.state(of: request.key) },
      .success("cancel of what never began") { () async throws(Failure) in try await runner.cancel(Self.newKey) },
    ]
  }

  private var unknown: [Promise] {
    var request = passing
    request.step = "no-such-step"
    request.key = Self.newKey
    let wrong = request
    return [
      .failure(
        .rejected, .misconfigured, of: "a step that there is not", hiding: secrets,
        otherwise: "it was begun: look at the name, and reject a step that there is not before anything begins"
      ) { () async throws(Failure) in
        try await runner.start(wrong)
      },
      .success(
        "nothing was begun for it",
        judge: { (state: StepState?) in
          if case .running? = state {
            "it is running: reject a step that there is not before anything begins"
          } else {
            nil
          }
        }
      ) { () async throws(Failure) in
        let state = try await runner.state(of: wrong.key)
        try await runner.cancel(wrong.key)
        return state
      },
    ]
  }
}
