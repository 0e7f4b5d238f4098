import Conformance
package import PipelineModel
package import Testing

/// Does `work` and waits for it, but not for ever.
///
/// A port promises to return or to throw. What does neither within the bound, far above any deadline in use, is an
/// issue, and the suite goes on without it.
/// - Returns: `nil` when the bound was passed; an issue has then been recorded.
package func attempt<Value: Sendable>(
  _ what: String, within bound: Duration = .seconds(60), _ location: SourceLocation,
  _ work: @escaping @Sendable () async throws(Failure) -> Value
) async -> Result<Value, Failure>? {
  let result = await attempt(within: bound, work)
  if result == nil { Issue.record("\(what) neither returned nor threw", sourceLocation: location) }
  return result
}

/// Does `work`, which must fail in one of the given ways, with a message that is fit for people.
func expectFailure<Value: Sendable>(
  _ kinds: Failure.Kind..., of what: String, hiding secrets: [String] = [], _ location: SourceLocation,
  _ work: @escaping @Sendable () async throws(Failure) -> Value
) async {
  switch await attempt(what, location, work) {
  case nil: break
  case .success(let value)?:
    Issue.record("\(what) must fail, and gave \(value)", sourceLocation: location)
  case .failure(let failure)?:
    let named = kinds.map(\.rawValue).joined(separator: " or ")
    #expect(
      kinds.contains(failure.kind), "\(what) must be \(named), and is \(failure.kind): \(failure.message)",
      sourceLocation: location)
    expectFit(failure, what, hiding: secrets, location)
  }
}

/// Does `work`, which must succeed.
func expectSuccess<Value: Sendable>(
  of what: String, _ location: SourceLocation, _ work: @escaping @Sendable () async throws(Failure) -> Value
) async -> Value? {
  switch await attempt(what, location, work) {
  case nil: return nil
  case .success(let value)?: return value
  case .failure(let failure)?:
    Issue.record("\(what) failed (\(failure.kind)): \(failure.message)", sourceLocation: location)
    return nil
  }
}

/// A message is one line, says something, and has no secret in it.
func expectFit(_ failure: Failure, _ what: String, hiding secrets: [String], _ location: SourceLocation) {
  #expect(!failure.message.isEmpty, "\(what): the message is empty", sourceLocation: location)
  let isPlain = failure.message.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
  #expect(isPlain, "\(what): the message has control characters", sourceLocation: location)
  let lines = failure.message.split(whereSeparator: \.isNewline).count
  #expect(lines <= 1, "\(what): the message has more than one line: \(failure.message)", sourceLocation: location)
  for secret in secrets where failure.message.contains(secret) {
    Issue.record("\(what): the message shows a secret", sourceLocation: location)
  }
}

/// Begins `work`, cancels it, and expects it to return or to throw soon after.
func expectCancellable<Value: Sendable>(
  _ what: String, _ location: SourceLocation, _ work: @escaping @Sendable () async throws(Failure) -> Value
) async {
  let task = Task {
    do throws(Failure) { _ = try await work() } catch {}
  }
  task.cancel()
  _ = await attempt("\(what), cancelled,", location) { () async throws(Failure) in await task.value }
}
