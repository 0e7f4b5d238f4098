import Glibc
import PipelineModel
import PluginKit
import Synchronization

/// A file that is read anew when it has changed.
final class RecordingFile: Sendable {
  private let path: String
  private let reader: RecordingReader
  private let kept = Mutex<(mark: Mark, recording: Recording)?>(nil)

  /// What changes with a file's content.
  private struct Mark: Equatable {
    var device: UInt, inode: UInt, size: Int, seconds: Int, nanoseconds: Int
  }

  /// The most of a file that is read.
  private let largest: Int

  init(path: String, reader: RecordingReader, largest: Int = 16 << 20) {
    self.path = path
    self.reader = reader
    self.largest = largest
  }

  /// - Throws: `transient` while there is no file; `misconfigured` when it cannot be read, or has a mistake in it.
  func recording() throws(Failure) -> Recording {
    // Not to hang where something else than a file is.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure(errno == ENOENT ? .transient : .misconfigured, String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    let mark = try mark(of: descriptor)
    if let known = kept.withLock({ $0?.mark == mark ? $0?.recording : nil }) { return known }
    let recording = try reader.recording(in: try content(of: descriptor, mark.size))
    kept.withLock { $0 = (mark, recording) }
    return recording
  }

  private func mark(of descriptor: Int32) throws(Failure) -> Mark {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(.misconfigured, "this is no plain file")
    }
    guard status.st_size <= largest else {
      throw Failure(.misconfigured, "the file has more than \(largest) bytes; keep only the latest lines in it")
    }
    return Mark(
      device: status.st_dev, inode: status.st_ino, size: status.st_size, seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec)
  }

  private func content(of descriptor: Int32, _ size: Int) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    var filled = 0
    while filled < size {
      let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress?.advanced(by: filled), size - filled) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(.transient, String(cString: strerror(errno))) }
      if count == 0 { break }
      filled += count
    }
    return Array(bytes.prefix(filled))
  }
}
