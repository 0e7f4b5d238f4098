import Controller
import Foundation
package import PipelineModel

/// Who drives a store, as the lock file beside it says.
package struct Driver: Hashable, Sendable {
  package var process: Int32
  package var host: String
  package var since: Timestamp
  /// Whether it is a command that drives for just one request of its own, and is about to leave.
  package var isBrief = false
}

/// The right to drive a store: an exclusive lock on `<path>.lock`, which the kernel takes back when the process ends,
/// however it ends. The file names the holder; it stays behind, and means nothing without the lock. Whoever may read the
/// store may read it too.
final class StoreLock {
  private let descriptor: Int32

  /// `.held` names the driver, as far as it is known.
  enum Refusal: Error {
    case held(Driver?)
    case impossible(errno: Int32)
  }

  init(beside path: String, briefly: Bool = false) throws(Refusal) {
    descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, StoreFile.mode(of: path))
    guard descriptor >= 0 else { throw .impossible(errno: errno) }
    do {
      try Self.take(descriptor)
    } catch {
      close(descriptor)
      throw error
    }
    Self.sign(descriptor, briefly)
  }

  deinit {
    ftruncate(descriptor, 0)
    close(descriptor)
  }

  /// Somebody who only looks (`Driver.init(of:)`) holds the lock for an instant, and so does somebody who has not signed
  /// yet, or not any more: that is waited out. A command that drives briefly is waited for longer.
  private static func take(_ descriptor: Int32) throws(Refusal) {
    for attempt in 0..<160 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
      guard errno == EWOULDBLOCK || errno == EINTR else { throw .impossible(errno: errno) }
      let driver = Driver(signed: descriptor)
      let longest = driver.map { $0.isBrief ? 160 : $0.hasSurelyEnded ? 50 : 4 } ?? 50
      if attempt >= longest { throw .held(driver) }
      usleep(attempt < 3 ? 1000 << UInt32(attempt * 2) : 64_000)
    }
    throw .held(Driver(signed: descriptor))
  }

  private static func sign(_ descriptor: Int32, _ briefly: Bool) {
    let line = Array("\(getpid()) \(Timestamp.wall.rfc3339) \(hostName)\(briefly ? " briefly" : "")\n".utf8)
    _ = pwrite(descriptor, line, line.count, 0)
    ftruncate(descriptor, line.count)
  }
}

/// Of this machine, without asking a name server.
private var hostName: String {
  var name = [CChar](repeating: 0, count: 256)
  guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
  return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

extension Driver {
  /// Whoever drives the store at `path` now; `nil`: nobody.
  package init?(of path: String) {
    let descriptor = open(path + ".lock", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return nil }
    self.init(signed: descriptor)
  }

  /// Whether it was a process of this machine that is no more.
  fileprivate var hasSurelyEnded: Bool { host == hostName && kill(process, 0) != 0 && errno == ESRCH }

  fileprivate init?(signed descriptor: Int32) {
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    let line = String(decoding: buffer[..<count], as: UTF8.self)
    let words = line.split(whereSeparator: \.isWhitespace)
    guard words.count == 3 || words.count == 4 && words[3] == "briefly", let process = Int32(words[0]),
      let since = Array(words[1].utf8).withUnsafeBufferPointer({ Timestamp(rfc3339: $0) })
    else { return nil }
    self.init(process: process, host: String(words[2]), since: since, isBrief: words.count == 4)
  }
}
