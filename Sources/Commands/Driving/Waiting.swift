import Dispatch
import PipelineModel
import Synchronization

/// Lets a thread wait for something asynchronous.
enum Waiting {
  static func result<Value: Sendable>(of work: @escaping @Sendable () async -> Value) -> Value {
    let slot = Slot<Value>()
    Task.detached {
      let value = await work()
      slot.value.withLock { $0 = value }
      slot.done.signal()
    }
    slot.done.wait()
    guard let value = slot.value.withLock(\.self) else { preconditionFailure("the work ended without a result") }
    return value
  }

  static func result<Value: Sendable>(
    of work: @escaping @Sendable () async throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let result: Result<Value, Failure> = result { () async -> Result<Value, Failure> in
      do throws(Failure) {
        return .success(try await work())
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private final class Slot<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
    let done = DispatchSemaphore(value: 0)
  }
}
