package import PipelineModel

/// Does `work`, and cancels it when `limit` is over.
///
/// - Returns: `nil` when `work` had not ended by then. It has ended on return, so it must stop when it is cancelled.
/// - Throws: what `work` throws; `CancellationError` when the caller is cancelled.
package func within<Value: Sendable>(
  _ limit: Interval, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
  try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask { try await work() }
    group.addTask {
      try await Task.sleep(for: .milliseconds(max(0, limit.milliseconds)))
      return nil
    }
    defer { group.cancelAll() }
    return try await group.next() ?? nil
  }
}
