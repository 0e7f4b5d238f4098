import ControlServer
import Controller
import Foundation
import Logging
import PipelineModel
import SQLiteStore
import Synchronization

/// Drives the store beside a server: from the start, or as soon as nobody else does.
final class StoreDriver: ServerPart {
  private let installation: Installation
  private let baseDirectory: String
  private let access: StoreAccess
  private let onNews: @Sendable () -> Void
  private let thread = Mutex<DrivingThread?>(nil)
  private let log = Logger(label: "headgate.serve")

  /// How often it is looked whether somebody drives.
  private static let pause = Duration.seconds(1)

  /// - Parameter onNews: called after each turn that wrote something.
  init(
    _ installation: Installation, baseDirectory: String, access: StoreAccess, onNews: @escaping @Sendable () -> Void
  ) {
    self.installation = installation
    self.baseDirectory = baseDirectory
    self.access = access
    self.onNews = onNews
  }

  var isDriving: Bool { thread.withLock { $0 != nil } }

  /// Begins to drive, unless somebody else does. Blocks until what waited in the store has been taken up.
  ///
  /// - Throws: when the store cannot be driven by anybody.
  func begin() throws {
    let thread = DrivingThread(onNews: onNews)
    switch thread.start(
      access.path, for: .real, speed: 1, rules: HouseRules(installation), past: access.past,
      backends: RehearsalOptions.backends(of: (installation, baseDirectory), access))
    {
    case .driving: self.thread.withLock { $0 = thread }
    case .refused: return
    case .failed(let reason): throw Stop.unknown(reason)
    case .misconfigured(let reason): throw Stop(code: .badFile, description: reason)
    }
  }

  /// Stops to drive; harmless when it does not.
  func end() {
    let thread = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    thread?.stop()
  }

  func run() async throws {
    try? await untilTheEnd { [self] in
      while true {
        try await Task.sleep(for: Self.pause)
        if let failure = thread.withLock({ $0?.failure }) {
          log.error("the controller stopped", metadata: ["why": "\(failure)"])
          end()
        }
        if !isDriving, Driver(of: access.path) == nil { await takeOver() }
      }
    }
    end()
  }

  /// On a thread of its own, since opening a store blocks.
  private func takeOver() async {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { [self] in
        do {
          try begin()
          if isDriving { log.notice("nobody drove the store; this process does from now on") }
        } catch {
          log.error("the store cannot be driven", metadata: ["why": "\(error)"])
        }
        continuation.resume()
      }
    }
  }
}
