import ControlServer
import Controller
import Engine
import Flags
import Foundation
import Logging
import PipelineModel
import SQLiteStore
import Synchronization

/// Keeps the pages of a shelf as the flags of a store are: told by whoever drives it here, and by looking where its
/// journal ends otherwise.
final class StoreFlagFeed: ServerPart {
  private struct State {
    var store: ReadingStore?
    var pages = FlagPages()
    /// Entry up to which changes are on the shelf.
    var seen: Int64 = 0
  }

  private let path: String
  private let shelf: FlagShelf
  /// Environments whose flags come from elsewhere.
  private let others: Set<String>
  private let log = Logger(label: "headgate.serve")
  private let state = Mutex(State())
  private let bell: (rung: AsyncStream<Void>, ring: AsyncStream<Void>.Continuation)

  /// How often it is looked when nobody tells.
  private static let pause = Duration.milliseconds(200)

  init(_ path: String, shelf: FlagShelf, except others: [String]) {
    self.path = path
    self.shelf = shelf
    self.others = Set(others)
    let (rung, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    bell = (rung, ring)
  }

  /// Says that something may have changed. Does not wait.
  func ring() { bell.ring.yield() }

  /// Brings the shelf up to date: on return it has what was in the store before, whoever put it there.
  func update() throws(JournalFailure) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let problems = try state.withLock { state throws(JournalFailure) in
      let (pages, problems) = try Self.news(&state, path, others)
      // Under the lock: an older page must not come after a younger one.
      for page in pages { shelf.put(page) }
      return problems
    }
    for problem in problems { log.error("flag not served anew", metadata: ["why": "\(problem)"]) }
  }

  private static func news(
    _ state: inout State, _ path: String, _ others: Set<String>
  ) throws(JournalFailure) -> (pages: [FlagPage], problems: [String]) {
    if state.store == nil { state.store = try Store.openForReading(path, following: true) }
    guard let store = state.store else { return ([], []) }
    guard try store.head().sequence > state.seen else { return ([], []) }
    let changed = try store.flagsChanged(since: state.seen)
    guard let last = changed.last else { return ([], []) }
    // Younger entries than these are found the next time; these may be found twice, which compiles nothing.
    state.seen = last.sequence
    return state.pages.take(changed.compactMap { others.contains($0.revision.name.environment) ? nil : $0.item })
  }

  func run() async throws {
    let ring = bell.ring
    let ticking = Task {
      while !Task.isCancelled {
        try await Task.sleep(for: Self.pause)
        ring.yield()
      }
    }
    defer { ticking.cancel() }
    try? await untilTheEnd { [self] in
      for await _ in bell.rung {
        do throws(JournalFailure) {
          try update()
        } catch {
          log.error("flags not looked at", metadata: ["why": "\(error)"])
          state.withLock { $0.store = nil }
          try await Task.sleep(for: .seconds(1))
        }
      }
    }
  }
}

extension RecordedRevision {
  /// The flag as it is served.
  fileprivate var item: FlagPages.Item {
    FlagPages.Item(
      environment: revision.name.environment, key: revision.name.key, definition: revision.definition,
      generation: revision.generation, contract: revision.contract, isGone: revision.isArchived)
  }
}
