import Foundation
package import Logging
import Synchronization

/// Keeps a flagd file as a page of the shelf is, for programs that evaluate flags themselves.
///
/// Whoever reads the file sees one revision whole: it is written beside itself, brought to the disk and put in place at
/// once. What cannot be written is tried again.
package struct FlagFileSink: ServerPart {
  private let environment: String
  private let path: String
  private let shelf: FlagShelf
  private let log: Logger

  package init(environment: String, path: String, shelf: FlagShelf, log: Logger) {
    self.environment = environment
    self.path = path
    self.shelf = shelf
    self.log = log
  }

  package func run() async throws {
    let (pages, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let listening = shelf.listen { page in if page.environment == environment { continuation.yield() } }
    defer { listening.end() }
    continuation.yield()
    try? await untilTheEnd {
      for await _ in pages { try await keepUp() }
    }
  }

  /// Writes the page there is now, again and again until it is written.
  private func keepUp() async throws {
    var pause = Duration.milliseconds(100)
    while let page = shelf.page(of: environment) {
      do {
        try write(page)
        return
      } catch {
        log.error("flag file not written; trying again", metadata: ["path": "\(path)", "why": "\(error)"])
      }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .seconds(30))
    }
  }

  /// Puts a page in the file's place; a file that has it already is left alone.
  package func write(_ page: FlagPage) throws {
    if let there = FileManager.default.contents(atPath: path), there.elementsEqual(page.document) { return }
    try WrittenWhole.replace(path, with: page.document)
    log.info("flag file written", metadata: ["path": "\(path)", "revision": "\(page.revision)"])
  }
}

/// A file that is either as it was or as it is to be, whatever happens meanwhile. Who may read it stays as it was; a new one
/// may be read by everybody that the process's mask lets.
enum WrittenWhole {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// The new file is in its place, and on the disk, on return. Without it the old one stands, and nothing beside it.
  static func replace(_ path: String, with bytes: [UInt8]) throws(Failure) {
    // In the same folder: only within one file system is a rename a single step.
    let other = "\(path).\(getpid()).new"
    let descriptor = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("cannot be made", other) }
    defer { close(descriptor) }
    // Whom the old one was opened to, or closed to, the new one is.
    var old = stat()
    if stat(path, &old) == 0 { _ = fchmod(descriptor, old.st_mode & 0o777) }
    do throws(Failure) {
      try takeOver(path, descriptor, other)
      try write(bytes, to: descriptor, other)
      guard fsync(descriptor) == 0 else { throw failure("cannot be brought to the disk", other) }
      guard rename(other, path) == 0 else { throw failure("cannot be put in its place", path) }
    } catch {
      unlink(other)
      throw error
    }
    let folder = open(URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    // Some file systems cannot sync a folder; the file itself is safe by now.
    _ = fsync(folder)
    close(folder)
  }

  /// Gives the new file the owner, group and mode of the one in whose place it comes, before anything is in it.
  private static func takeOver(_ path: String, _ descriptor: Int32, _ other: String) throws(Failure) {
    var (old, new) = (stat(), stat())
    guard stat(path, &old) == 0, fstat(descriptor, &new) == 0 else { return }
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid) {
      // Where the group cannot be given on, its members lose the file rather than others getting it.
      _ = fchown(descriptor, old.st_uid, old.st_gid)
    }
    guard fchmod(descriptor, old.st_mode & 0o777) == 0 else { throw failure("cannot be given its mode", other) }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { rest in
        rest.baseAddress.map { Glibc.write(descriptor, $0 + done, bytes.count - done) } ?? 0
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure("cannot be written", path) }
      done += count
    }
  }

  private static func failure(_ what: String, _ path: String) -> Failure {
    Failure(description: "\(path) \(what): \(String(cString: strerror(errno)))")
  }
}
