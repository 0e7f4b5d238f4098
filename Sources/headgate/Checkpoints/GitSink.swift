import Controller
import Foundation
import PipelineModel
import Proofs
import Synchronization

/// Appends checkpoints to a file in the work tree of a git repository, and commits that file and nothing else.
struct GitSink: CheckpointSink {
  let worktree: String
  let path: String
  /// The remote that is pushed to.
  let push: String?
  var readers = AuditPolicy.Readers.owner

  private static let patience = 60.0

  private var file: FileSink { FileSink(path: "\(worktree)/\(path)", readers: readers) }

  var name: String { "git \(worktree)" }

  /// What an earlier try has appended and could not commit is committed now.
  func newest() throws(Failure) -> SignedCheckpoint? {
    try git("rev-parse", "--is-inside-work-tree")
    let newest = try file.newest()
    try commit(newest)
    return newest
  }

  func append(_ notes: [SignedNote]) throws(Failure) {
    let known = try file.newest()?.checkpoint.size ?? 0
    let fresh = notes.filter { note in ((try? Checkpoint(note.text).size) ?? 0) > known }
    if !fresh.isEmpty { try file.append(fresh) }
    try commit(try file.newest())
    try finish()
  }

  /// What is committed and was not pushed is.
  func finish() throws(Failure) {
    guard let push, try file.newest() != nil else { return }
    try git("push", "--quiet", push, "HEAD")
  }

  private func commit(_ newest: SignedCheckpoint?) throws(Failure) {
    guard let newest else { return }
    try git("add", "--", path)
    guard try !git("status", "--porcelain", "--", path).isEmpty else { return }
    try git(
      "commit", "--quiet", "--message",
      "Checkpoint of \(newest.checkpoint.size) entries of \(newest.checkpoint.origin)",
      "--", path)
  }

  @discardableResult
  private func git(_ arguments: String...) throws(Failure) -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "-C", worktree] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["GIT_TERMINAL_PROMPT": "0"]) { $1 }
    let (output, ended) = (Pipe(), DispatchSemaphore(value: 0))
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    process.terminationHandler = { _ in ended.signal() }
    do {
      try process.run()
    } catch {
      throw Failure(.misconfigured, "git could not be started: \(error.localizedDescription)")
    }
    let reader = Reading(output.fileHandleForReading)
    guard ended.wait(timeout: .now() + Self.patience) == .success else {
      process.terminate()
      throw Failure(.transient, "git \(arguments[0]) did not end within \(Int(Self.patience)) s")
    }
    let said = reader.text
    guard process.terminationStatus == 0 else {
      let lines = said.split(whereSeparator: \.isNewline)
      // What the other side says is more telling than that it said no.
      let line = (lines.first { $0.hasPrefix("remote: ") } ?? lines.last).map { ": \($0)" } ?? ""
      throw Failure(
        .transient, "git \(arguments[0]) in \(worktree) ended with status \(process.terminationStatus)\(line)")
    }
    return said
  }
}

/// What a process says, read while it runs, so that it never waits for a reader.
private final class Reading: Sendable {
  private let said = Mutex(Data())
  private let done = DispatchSemaphore(value: 0)

  init(_ handle: FileHandle) {
    let descriptor = dup(handle.fileDescriptor)
    DispatchQueue.global().async { [self] in
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      let all = (try? handle.readToEnd()) ?? Data()
      said.withLock { $0 = all }
      done.signal()
    }
  }

  /// A child of the process may hold its output open: it is not waited for.
  var text: String {
    _ = done.wait(timeout: .now() + 2)
    return String(decoding: said.withLock(\.self), as: UTF8.self)
  }
}
