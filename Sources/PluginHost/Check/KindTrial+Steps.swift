import Conformance
import PipelineModel
import PluginKit

extension KindTrial {
  /// Steps pass, fail and are ended, whatever their keys are, and are found by a process that has not begun them.
  func stepping(_ trial: PluginTrial) -> Port {
    guard let passing = trial.passing else { return Port() }
    let runner = PluginStepRunner(connection: connection, asksForAnything: true)
    let good = request(passing)
    let harness = StepHarness(
      runner: runner, restarted: PluginStepRunner(connection: restarted, asksForAnything: true),
      passing: good, failing: trial.failing.map(request), slow: trial.slow.map(request), secrets: hidden)
    let slow = trial.slow.map(request)
    let wrong = [("passing", trial.passing), ("failing", trial.failing), ("slow", trial.slow)].compactMap {
      name, step in
      step.flatMap { misfit($0, name) }
    }
    return Port(
      first: wrong + harness.promises
        + (trial.slow.map { [apart(request($0), request($0), by: runner)] } ?? [])
        + [givingUp(.stepPoll) { Wire.StepKey(key: good.key, within: .seconds(30)) }]
        + [atOnce(rounds(runner, trial))]
        + (slow.map { slow in
          [
            .success("start of a slow one, to be found later") { () async throws(Failure) in
              try await runner.start(slow)
            }
          ]
        } ?? []),
      afterwards: found(good, slow, by: PluginStepRunner(connection: successor, asksForAnything: true)))
  }

  private func request(_ step: PluginStepTrial) -> StepRequest {
    StepRequest(
      step: step.step, stage: "check", key: Self.newKey, with: (try? settings(step)) ?? Settings(),
      values: ["version": "1", "service": "check"], timeout: .minutes(10))
  }

  private func settings(_ step: PluginStepTrial) throws(UnitMistake) -> Settings {
    let schema = kind.steps.first { $0.name == step.step }?.with ?? SettingsSchema([])
    return try schema.settings(of: step.with) { $0.source }
  }

  private func misfit(_ step: PluginStepTrial, _ name: String) -> Promise? {
    do throws(UnitMistake) {
      _ = try settings(step)
      return nil
    } catch {
      let message = error.message
      return Promise("`check: { \(name) }` of plugin.yaml is what its step takes") { [message] in [message] }
    }
  }

  /// Of two that are under way the one is ended whose key is said, and the other goes on.
  private func apart(_ one: StepRequest, _ other: StepRequest, by runner: PluginStepRunner) -> Promise {
    Promise("a cancelled step is the one whose key is said, and no other") {
      do throws(Failure) {
        for request in [one, other] { try await runner.start(request) }
        try await runner.cancel(one.key)
        _ = try await StepHarness.ending(of: one, by: runner, within: .seconds(15))
        let state = try await runner.state(of: other.key)
        try await runner.cancel(other.key)
        if case .running? = state { return [] }
        return ["the other is \(state.map { "\($0)" } ?? "unknown"): look at the key"]
      } catch { return [error.message] }
    }
  }

  /// Steps under keys of their own, begun at the same time, come each to its own end.
  private func rounds(
    _ runner: PluginStepRunner, _ trial: PluginTrial
  ) -> [@Sendable () async -> String?] {
    [(trial.passing, StepEnd.passed), (trial.failing, .failed)].compactMap { step, end in
      guard let step else { return nil }
      return {
        let request = request(step)
        return await Self.complaint("a step that is to have \(end.rawValue)") { () async throws(Failure) in
          try await runner.start(request)
          return try await StepHarness.ending(of: request, by: runner)
        } judge: {
          StepHarness.complaint($0, end)
        }
      }
    }
  }

  private func found(_ good: StepRequest, _ slow: StepRequest?, by runner: PluginStepRunner) -> [Promise] {
    let ended = Promise.success(
      "a step that has passed is found by a process begun when the one that started it has ended",
      judge: { StepHarness.complaint($0, .passed).map { $0 + ": keep nothing in memory that must last" } }
    ) { () async throws(Failure) in try await runner.state(of: good.key) }
    guard let slow else { return [ended] }
    return [
      ended,
      .success("cancel of a step, by the process after") { () async throws(Failure) in
        try await runner.cancel(slow.key)
      },
      .success("it comes to its end", judge: { StepHarness.complaint($0, nil) }) { () async throws(Failure) in
        try await StepHarness.ending(of: slow, by: runner, within: .seconds(15))
      },
      .success(
        "it has not passed",
        judge: { (state: StepState?) in if case .ended(.passed, _)? = state { "it passed" } else { nil } }
      ) { () async throws(Failure) in try await runner.state(of: slow.key) },
    ]
  }
}
