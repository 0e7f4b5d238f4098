#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file's bytes, read but not judged.
package struct SourceFile: Sendable {
  /// As diagnostics name it.
  package var path: String
  package var bytes: [UInt8]

  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  package init(path: String, text: String) {
    self.init(path: path, bytes: Array(text.utf8))
  }

  /// Reads a regular file, unless it is too large to be looked at at all; that is found out before reading.
  ///
  /// - Throws: `Unreadable` with one diagnostic.
  package static func read(_ path: String) throws(Unreadable) -> SourceFile {
    // Non-blocking, so that opening a pipe nobody writes to does not hang.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Unreadable(path, reason(errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Unreadable(path, reason(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Unreadable(path, "this is not a file") }
    guard status.st_size <= SourceText.byteLimit else {
      throw Unreadable(
        path, "the file has \(status.st_size) bytes, more than the \(SourceText.byteLimit) that are read")
    }
    return SourceFile(path: path, bytes: try contents(of: descriptor, path))
  }

  /// A file that cannot be read, as a diagnostic.
  package struct Unreadable: Error, Hashable, Sendable {
    package var diagnostic: Diagnostic

    init(_ path: String, _ reason: String) {
      diagnostic = Diagnostic(.error, path: path, place: .start, message: reason)
      diagnostic.hasPlace = false
    }
  }

  /// At most one byte more than the limit, should the file grow under our hands.
  private static func contents(of descriptor: Int32, _ path: String) throws(Unreadable) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while bytes.count <= SourceText.byteLimit {
      let count = buffer.withUnsafeMutableBytes { Int(truncatingIfNeeded: posixRead(descriptor, $0)) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Unreadable(path, reason(errno)) }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  private static func reason(_ code: Int32) -> String {
    code == ENOENT ? "there is no such file" : "the file cannot be read: \(String(cString: strerror(code)))"
  }
}

private func posixRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}
