import Engine
import PipelineModel
import PluginKit

extension Errands {
  /// How often in a row a runner may fail to say how far a step is before the step counts as failed.
  private static let patience = 20

  func step(_ order: WorkOrder, _ stage: Int) async throws(Failure) -> Fact? {
    guard case .step(let call) = order.plan.pipeline.stages[stage].work else { return nil }
    let runner = try backends.runner(call.step.runner)
    stepsUnderway.begin(order.key)
    defer { stepsUnderway.end(order.key) }
    let request = try request(order, stage, call, runner)
    // What was begun before is only asked after when its time is over.
    if clock.now < order.effect.since + call.timeout { try await runner.start(request) }
    return try await outcome(of: order, call, runner)
  }

  /// Nothing comes back of it. A step that cannot be ended now is tried again for as long as this controller drives, and
  /// by the next one.
  func cancelStep(_ order: WorkOrder, _ id: EffectID, _ stage: Int) async -> Fact? {
    guard case .step(let call) = order.plan.pipeline.stages[stage].work else { return nil }
    let key = order.key(of: id)
    stepsUnderway.giveUp(key)
    await endStep(key, of: call.step.runner)
    return nil
  }

  /// Has a runner end a step that nobody awaits. Asks until it is done or the controller stops, with 1, 2, 4 … 60 s
  /// between, and longer where the runner says so: whatever is wrong with it may be mended meanwhile.
  func endStep(_ key: String, of name: String) async {
    guard let runner = backends.runners[name] else { return }
    var pause = Interval.seconds(1)
    while true {
      do throws(Failure) {
        return try await runner.cancel(key)
      } catch {
        guard (try? await rest(max(pause, error.retryAfter ?? .zero))) != nil else { return }
        pause = min(Self.longestPause, pause * 2)
      }
    }
  }

  private static let longestPause = Interval.seconds(60)

  private func request(
    _ order: WorkOrder, _ stage: Int, _ call: StepCall, _ runner: any StepRunner
  ) throws(Failure) -> StepRequest {
    guard let kind = runner.steps.first(where: { $0.name == call.step.step }) else {
      let known = runner.steps.map(\.name).joined(separator: ", ")
      throw Failure(.misconfigured, "\(call.step.runner) has no step \"\(call.step.step)\"; it has \(known)")
    }
    return StepRequest(
      step: kind.name, stage: order.plan.pipeline.stages[stage].name, key: order.key,
      with: try settings(order, call, kind), values: order.values, timeout: call.timeout)
  }

  private func settings(_ order: WorkOrder, _ call: StepCall, _ kind: StepKind) throws(Failure) -> Settings {
    do throws(UnitMistake) {
      return try kind.with.settings(of: call.with) { template throws(UnitMistake) in
        do throws(Failure) { return try order.text(template) } catch {
          throw UnitMistake(message: error.message, help: "")
        }
      }
    } catch {
      let help = error.help.isEmpty ? "" : "; \(error.help)"
      throw Failure(.rejected, "\(call.step): \(error.message)\(help)")
    }
  }

  /// Asks how far it is until it has ended, or its time is over. The time is that of the key: it is counted from when the
  /// effect was first due, so neither a restart nor another try begins it anew.
  private func outcome(
    of order: WorkOrder, _ call: StepCall, _ runner: any StepRunner
  ) async throws(Failure) -> Fact {
    let end = order.effect.since + call.timeout
    var pace = PollPace()
    var failures = 0
    while true {
      let state: StepState?
      var asked = Interval.zero
      do throws(Failure) {
        state = try await runner.state(of: order.key)
        failures = 0
      } catch {
        failures += 1
        guard error.kind == .transient, failures < Self.patience else { throw error }
        asked = error.retryAfter ?? .zero
        state = .running(output: error.message)
      }
      switch state {
      case .ended(let came, let output): return .performed(order.effect.id, came, output: output)
      case .lost(let output):
        return .performed(order.effect.id, .failed, output: output + "\n(nobody knows what came of it)")
      case nil where clock.now >= end:
        return .performed(order.effect.id, .failed, output: "(it was not begun within \(call.timeout))")
      case nil: throw Failure(.transient, "\(call.step) was never begun")
      case .running(let output):
        let left = end - clock.now
        guard left > .zero else { return try await overdue(order, call, runner, output) }
        if stepsUnderway.isGivenUp(order.key) {
          await endStep(order.key, of: call.step.runner)
          return .performed(order.effect.id, .failed, output: output + "\n(given up)")
        }
        try await rest(min(left, max(asked, pace.next(left: left))))
      }
    }
  }

  /// Ends a step whose time is over.
  ///
  /// - Throws: `misconfigured` when it cannot be ended: it may go on, so it is not to be begun anew beside it.
  private func overdue(
    _ order: WorkOrder, _ call: StepCall, _ runner: any StepRunner, _ output: String
  ) async throws(Failure) -> Fact {
    do throws(Failure) {
      try await runner.cancel(order.key)
    } catch {
      throw Failure(
        .misconfigured,
        "it had no end within \(call.timeout), and could not be cancelled, so it may go on: \(error.message)")
    }
    return .performed(order.effect.id, .failed, output: output + "\n(no end within \(call.timeout): cancelled)")
  }
}
