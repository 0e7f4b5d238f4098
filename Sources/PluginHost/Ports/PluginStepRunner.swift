import PipelineModel
import PluginKit

/// A runner of steps that is a program of its own.
struct PluginStepRunner: StepRunner {
  let connection: PluginConnection
  let ledger: StepLedger
  /// Whether the plugin is asked for steps, too, that its plugin.yaml does not have: to try what it says to them.
  let asksForAnything: Bool
  private static let timeout = Interval.seconds(30)
  /// Bytes of output that are kept.
  private static let longestOutput = 8192

  init(connection: PluginConnection, asksForAnything: Bool = false) {
    self.connection = connection
    self.asksForAnything = asksForAnything
    ledger = StepLedger(stateDirectory: connection.context.stateDirectory, backend: connection.backend.name)
  }

  var steps: [StepKind] { connection.kind.steps }

  /// Noted first: what is not noted could not be ended after a crash.
  func start(_ request: StepRequest) async throws(Failure) {
    guard asksForAnything || steps.contains(where: { $0.name == request.step }) else {
      throw Failure(.rejected, "\(connection.backend.name) has no step \"\(request.step.excerpt(60))\"")
    }
    try ledger.enter(request.key)
    do throws(Failure) {
      let _: Wire.Nothing = try await connection.call(
        .stepStart, Wire.StepStart(request, within: Self.timeout), within: Self.timeout)
    } catch {
      if error.kind == .rejected { ledger.strike(request.key) }
      throw told(error, "could not start \(request.step)")
    }
  }

  func state(of key: String) async throws(Failure) -> StepState? {
    let found: Wire.StepState = try await call(.stepPoll, key, "could not ask how far a step is")
    let output = kept(connection.log.hidden(in: found.output ?? ""))
    let state: StepState? =
      switch found.state {
      case .unknown: nil
      case .running: .running(output: output)
      case .passed: .ended(.passed, output: output)
      case .failed: .ended(.failed, output: output)
      case .inconclusive: .ended(.inconclusive, output: output)
      case .lost: .lost(output: output)
      }
    if case .running? = state { return state }
    ledger.strike(key)
    return state
  }

  func cancel(_ key: String) async throws(Failure) {
    let _: Wire.Nothing = try await call(.stepCancel, key, "could not cancel a step")
    ledger.strike(key)
  }

  func known() -> [String] { ledger.keys }

  private func call<Result: Codable & Sendable>(
    _ method: Wire.Method, _ key: String, _ attempt: String
  ) async throws(Failure) -> Result {
    do throws(Failure) {
      return try await connection.call(method, Wire.StepKey(key: key, within: Self.timeout), within: Self.timeout)
    } catch {
      throw told(error, attempt)
    }
  }

  private func told(_ failure: Failure, _ attempt: String) -> Failure {
    failure.told("\(attempt) by \(connection.backend.name): \(failure.message)")
  }

  /// The last of it, whole characters only.
  private func kept(_ output: String) -> String {
    guard output.utf8.count > Self.longestOutput else { return output }
    return String(decoding: output.utf8.suffix(Self.longestOutput).drop { $0 & 0xC0 == 0x80 }, as: UTF8.self)
  }
}
