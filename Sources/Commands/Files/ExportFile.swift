import Foundation

/// Where an export goes: a file, whose former content is gone, or standard output.
final class ExportFile {
  private let name: String
  private let descriptor: Int32

  /// - Parameters:
  ///   - path: `nil`: standard output.
  ///   - store: the store that is exported, which is never written over, nor any of its files.
  /// - Throws: `Stop` 64 for the store, 2 when the file cannot be written.
  init(_ path: String?, besides store: String) throws {
    name = path ?? "standard output"
    guard let path else {
      descriptor = STDOUT_FILENO
      // A reader that goes away is told of as any other failure.
      signal(SIGPIPE, SIG_IGN)
      return
    }
    for file in ["", "-wal", "-shm", "-journal", ".lock", ".evaluations"].map({ store + $0 })
    where Self.isSame(path, file) {
      throw Stop(
        code: .wrongUsage, description: "--output \(path) is the store's own file \(file); name another one")
    }
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw Stop.unknown("\(path) could not be written: \(Self.reason(errno))") }
  }

  deinit { if descriptor > STDERR_FILENO { close(descriptor) } }

  /// Writes all of it.
  ///
  /// - Throws: `Stop` 2, saying that what is there is not all.
  func append(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw Stop.unknown("\(name) could not be written: \(Self.reason(errno)); what is there is not the whole export")
      }
      rest = rest.dropFirst(count)
    }
  }

  /// By what the file system says, whatever the names.
  private static func isSame(_ path: String, _ other: String) -> Bool {
    guard let mine = identity(of: path) else { return false }
    return mine == identity(of: other)
  }

  private static func identity(of path: String) -> [Int]? {
    let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: file) else { return nil }
    return [FileAttributeKey.systemNumber, .systemFileNumber].map { (attributes[$0] as? NSNumber)?.intValue ?? 0 }
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}
