package import Controller
import GRDB

/// A store as a process has it that wants something of the controller.
package final class AskingStore {
  let queue: DatabaseQueue
  let file: StoreFile

  init(_ queue: DatabaseQueue, file: StoreFile) {
    self.queue = queue
    self.file = file
  }

  /// Leaves a request for the controller and returns its number. Durable on return, and done once, whoever drives the
  /// store then.
  package func make(_ request: Request) throws(JournalFailure) -> Int64 {
    try file.explained { try queue.write { try $0.add(request) } }
  }

  /// What became of a request; `nil`: not answered yet. Asks without waiting, and is cheap to ask again.
  package func answer(to request: Int64) throws(JournalFailure) -> Batch.Answered? {
    try file.explained { try queue.writeWithoutTransaction { try $0.answer(to: request) } }
  }

  /// Whoever drives the store now; `nil`: nobody, or a command that is about to leave, and requests wait.
  package var driver: Driver? { Driver(of: file.path).flatMap { $0.isBrief ? nil : $0 } }
}
