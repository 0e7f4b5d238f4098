import Engine
import PipelineModel
import PluginKit

extension Errands {
  func check(_ order: WorkOrder, _ stage: Int) async throws(Failure) -> Fact? {
    guard case .check(let check) = order.plan.pipeline.stages[stage].work else { return nil }
    let request = try request(order, stage, check)
    try await backends.checks.start(request)
    return try await outcome(of: request, order.effect.id)
  }

  /// Nothing comes back of it.
  func cancelCheck(_ order: WorkOrder) async -> Fact? {
    await backends.checks.cancel(order.key)
    return nil
  }

  /// Parameters and built-ins reach the command as `HEADGATE_…` too, so that nobody has to quote.
  private func request(
    _ order: WorkOrder, _ stage: Int, _ check: Check
  ) throws(Failure) -> CheckRequest {
    var environment: [String: String] = [:]
    environment["HEADGATE_STAGE"] = order.plan.pipeline.stages[stage].name
    for (name, value) in order.values { environment[Template.environmentName(of: name)] = value }
    for variable in check.environment { environment[variable.name] = try order.text(variable.value) }
    return CheckRequest(
      key: order.key, command: try order.text(check.command), environment: environment,
      directory: try check.directory.map { (template) throws(Failure) in try order.text(template) },
      timeout: check.timeout)
  }

  private func outcome(of request: CheckRequest, _ id: EffectID) async throws(Failure) -> Fact {
    while true {
      switch try await backends.checks.state(of: request.key) {
      case .running: try await pause()
      case .exited(let status, let output): return .checked(id, status: status, output: output)
      case .lost(let output):
        return .checked(id, status: 255, output: output + "\n(the command died without leaving an exit status)")
      case nil: throw Failure(.transient, "the command was never begun")
      }
    }
  }
}
