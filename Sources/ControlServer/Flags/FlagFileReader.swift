package import Flags
import Foundation
package import Logging

/// Keeps a page of the shelf as a flagd file is: read anew whenever the file changes.
///
/// A file that is missing, or has mistakes, leaves the last good page in place and says so in the log.
package struct FlagFileReader: ServerPart {
  private let environment: String
  private let path: String
  private let shelf: FlagShelf
  private let log: Logger

  /// How often the file is looked at.
  private static let pause = Duration.milliseconds(200)

  package init(environment: String, path: String, shelf: FlagShelf, log: Logger) {
    self.environment = environment
    self.path = path
    self.shelf = shelf
    self.log = log
  }

  /// Reads the file once.
  ///
  /// - Returns: what is wrong with it, warnings included; empty when there is nothing.
  /// - Throws: when it cannot be read, or its mistakes keep it from being served. The shelf is as it was.
  @discardableResult
  package func load() throws -> [FlagProblem] {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let reading = FlagSet.read(bytes)
    guard let set = reading.set, !reading.hasErrors else { throw Unreadable(path: path, problems: reading.problems) }
    let value = try JSONParser.value(in: bytes, limits: .definitions)
    var document: [UInt8] = []
    value.write(to: &document)
    let revision = (shelf.page(of: environment)?.revision ?? 0) + 1
    shelf.put(FlagPage(environment: environment, revision: revision, flags: set, document: document))
    return reading.problems
  }

  package func run() async throws {
    try? await untilTheEnd {
      var seen: Look?
      while true {
        let look = Look(path)
        if look != seen {
          seen = look
          note()
        }
        try await Task.sleep(for: Self.pause)
      }
    }
  }

  private func note() {
    do {
      let problems = try load()
      for problem in problems { log.warning("flag file has a questionable part", metadata: ["problem": "\(problem)"]) }
    } catch {
      log.error("flag file not taken; the last good one stays", metadata: ["path": "\(path)", "why": "\(error)"])
    }
  }

  package struct Unreadable: Error, CustomStringConvertible {
    package var path: String
    package var problems: [FlagProblem]
    package var description: String { problems.map { "\(path): \($0)" }.joined(separator: "\n") }
  }

  /// What changes when a file is written or replaced.
  private struct Look: Equatable {
    var inode: UInt64 = 0
    var size: Int64 = -1
    var seconds = 0
    var nanoseconds = 0

    init(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return }
      inode = UInt64(status.st_ino)
      size = Int64(status.st_size)
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    }
  }
}
