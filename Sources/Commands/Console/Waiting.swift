import Dispatch
import Synchronization

/// Lets a synchronous verb wait for something asynchronous.
final class Waiting<Value: Sendable>: Sendable {
  private let result = Mutex<Value?>(nil)
  private let done = DispatchSemaphore(value: 0)

  static func result(of work: @escaping @Sendable () async -> Value) -> Value? {
    let waiting = Waiting()
    Task.detached {
      let value = await work()
      waiting.result.withLock { $0 = value }
      waiting.done.signal()
    }
    waiting.done.wait()
    return waiting.result.withLock(\.self)
  }
}
