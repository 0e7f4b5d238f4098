import FoundationEssentials
import Glibc
import PipelineModel

/// What `ProcessKeeper` and those who ask about it leave in the folder of a key.
struct ProcessFolder {
  let folder: CheckFolder

  /// The server that runs now, or ran last.
  var app: ProcessMark? { text("app").flatMap(ProcessMark.init(text:)) }

  /// How often in a row it ended soon, and its last exit status; `nil` when it never ended.
  var deaths: (count: Int, status: Int)? {
    let numbers = (text("deaths") ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
  }

  /// Whether it was ever seen ready.
  var wasReady: Bool { FileManager.default.fileExists(atPath: "\(folder.path)/ready") }

  /// Why it has failed for good, where somebody has said so.
  var verdict: String? { text("verdict") }

  func markReady() throws(Failure) { try write("", to: "ready") }
  func condemn(_ verdict: String) throws(Failure) { try write(verdict, to: "verdict") }

  /// Ends a server whose keeper was killed, with its group; what it has begun may outlive it for a moment.
  ///
  /// - Returns: the group; `nil` when no server was left, or it had no group of its own.
  func endOrphan() -> ProcessGroup? {
    guard let app, app.isAlive else { return nil }
    let group = getpgid(app.pid)
    guard group > 1, group != getpgrp() else {
      kill(app.pid, SIGKILL)
      return nil
    }
    kill(-group, SIGKILL)
    return ProcessGroup(id: group)
  }

  private func text(_ file: String) -> String? {
    FileManager.default.contents(atPath: "\(folder.path)/\(file)").map { String(decoding: $0, as: UTF8.self) }
  }

  private func write(_ text: String, to file: String) throws(Failure) {
    do {
      try Data(text.utf8).write(to: URL(filePath: "\(folder.path)/\(file)"), options: .atomic)
    } catch {
      throw Failure(.transient, "could not write \(folder.path)/\(file): \(error)")
    }
  }
}

extension ProcessMark {
  /// How long ago the process began; `nil` when that cannot be told.
  var age: Interval? {
    guard let file = FileManager.default.contents(atPath: "/proc/uptime"), let ticks = Double(start),
      let uptime = String(decoding: file, as: UTF8.self).split(separator: " ").first.flatMap({ Double($0) })
    else { return nil }
    return .milliseconds(Int64((uptime - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))) * 1000))
  }
}
