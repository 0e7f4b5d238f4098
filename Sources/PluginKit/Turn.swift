package import PipelineModel

/// Lets one piece of work go after the other, in the order they came: for a backend that takes one change at a time.
package actor Turn {
  private var last: Task<Void, Never>?

  package init() {}

  /// Does `work` when all that came before has ended; cancelling the caller cancels it.
  package func take(_ work: @escaping @Sendable () async throws(Failure) -> Void) async throws(Failure) {
    let before = last
    let mine = Task { () -> Result<Void, Failure> in
      await before?.value
      do throws(Failure) {
        if Task.isCancelled { throw Failure(.transient, "it was cancelled before its turn") }
        return .success(try await work())
      } catch {
        return .failure(error)
      }
    }
    last = Task { _ = await mine.value }
    let result = await withTaskCancellationHandler {
      await mine.value
    } onCancel: {
      mine.cancel()
    }
    try result.get()
  }
}
