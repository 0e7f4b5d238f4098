import Glibc
package import PipelineModel

/// A file that another program reads, changed as a whole: whoever reads it finds the old text or the new one.
package struct WholeFile: Hashable, Sendable {
  package var path: String

  package init(_ path: String) { self.path = path }

  /// What it says; `nil` when there is no such file.
  ///
  /// - Throws: `misconfigured` when it cannot be read.
  package func text() throws(Failure) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file < 0, errno == ENOENT { return nil }
    guard file >= 0 else { throw failure("could not read") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = read(file, &part, part.count)
      guard count >= 0 else { throw failure("could not read") }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += part[..<count]
    }
  }

  /// Puts `text` in its place in one step; with `nil` there is no file any more. True on return: it is on disk.
  ///
  /// The new text is written beside it first, under a name that begins with a dot. The file keeps its permissions.
  /// - Throws: `transient` when the disk is full, `misconfigured` when it cannot be written.
  package func replace(with text: String?) throws(Failure) {
    guard let text else {
      guard unlink(path) == 0 || errno == ENOENT else { throw failure("could not remove") }
      return
    }
    let new = "\(folder)/.\(path.split(separator: "/").last ?? "file").new"
    try write(text, to: new)
    guard rename(new, path) == 0 else { throw failure("could not write") }
    try sync(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  }

  private var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private func write(_ text: String, to new: String) throws(Failure) {
    let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw failure("could not write") }
    defer { close(file) }
    var old = stat()
    if stat(path, &old) == 0 { _ = fchmod(file, old.st_mode & 0o777) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw failure("could not write") }
      rest = rest.dropFirst(count)
    }
    guard fsync(file) == 0 else { throw failure("could not write") }
  }

  private func sync(_ folder: String, _ flags: Int32) throws(Failure) {
    let file = open(folder, flags)
    guard file >= 0 else { throw failure("could not write") }
    defer { close(file) }
    guard fsync(file) == 0 else { throw failure("could not write") }
  }

  private func failure(_ attempt: String) -> Failure {
    let kind: Failure.Kind = [ENOSPC, EIO, EMFILE, ENFILE].contains(errno) ? .transient : .misconfigured
    return Failure(kind, "\(attempt) \(path): \(String(cString: strerror(errno)))")
  }
}
