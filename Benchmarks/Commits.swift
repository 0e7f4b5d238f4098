import Controller
import Engine
import Foundation
import PipelineModel
import SQLiteStore

/// A run alone: one entry a commit, beside how often the disk syncs at all.
func measureCommits() throws -> [Figure] {
  let folder = try ScratchFolder()
  let store = try Store.openForDriving(folder.file("store.db"))
  var workload = Workload(after: store.head, runs: 1)
  let disk = try SyncLoop(folder.file("plain"))
  var (own, peer): ([Double], [Double]) = ([], [])
  for _ in 0..<9 {
    let batches = (0..<500).map { _ in workload.batch(of: 1) }
    own.append(try Spent.on { for batch in batches { try store.append(batch) } }.seconds)
    peer.append(try Spent.on { try disk.run(500) }.seconds)
  }
  return [
    Figure(
      name: "commits/one entry each", value: 500 / own.median, unit: "commits/s",
      peer: ("write and fdatasync of 4 KiB", 500 / peer.median), goal: "ratio >= 0.8")
  ]
}

/// The peer: pages written and synced, over and over through a file of 4 MiB, as a write-ahead log is.
final class SyncLoop {
  private let descriptor: Int32
  private let pages: [UInt8]
  private var position = 0

  struct Failure: Error {
    var code: Int32
  }

  /// - Parameter pages: of 4 KiB, written before each sync.
  init(_ path: String, writing pages: Int = 1) throws {
    self.pages = [UInt8](repeating: 7, count: 4096 * pages)
    descriptor = open(path, O_RDWR | O_CREAT, 0o644)
    guard descriptor >= 0 else { throw Failure(code: errno) }
  }

  deinit { close(descriptor) }

  func run(_ times: Int) throws {
    for _ in 0..<times {
      guard pwrite(descriptor, pages, pages.count, position) == pages.count, fdatasync(descriptor) == 0 else {
        throw Failure(code: errno)
      }
      position = (position + pages.count) % (1 << 22)
    }
  }
}

func copyFile(_ from: String, to: String) throws {
  try FileManager.default.copyItem(atPath: from, toPath: to)
}
