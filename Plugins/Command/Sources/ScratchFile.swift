import FoundationEssentials
import SystemPackage

/// A file without a name: what a command prints goes there, so that a child which outlives it holds up nobody.
struct ScratchFile {
  let descriptor: FileDescriptor

  init() throws {
    let path = FilePath("\(FileManager.default.temporaryDirectory.path)/headgate-\(UUID().uuidString)")
    descriptor = try FileDescriptor.open(
      path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
    try FileManager.default.removeItem(atPath: path.string)
  }

  func close() { try? descriptor.close() }

  func tail() throws -> String { try descriptor.tail() }

  /// Whether the tail is the whole.
  func isShort() throws -> Bool { try descriptor.seek(offset: 0, from: .end) <= FileDescriptor.tailLength }
}

extension String {
  /// The end of it that fits into so many bytes, no character cut.
  func ending(_ length: Int64) -> String {
    var rest = unicodeScalars[...]
    var size = utf8.count
    while size > length, let first = rest.popFirst() { size -= UTF8.width(first) }
    return String(rest)
  }
}

extension FileDescriptor {
  /// The most of a command's output that is kept.
  static let tailLength: Int64 = 8192

  /// The last 8 KiB of the file, with what is not UTF-8 replaced.
  func tail() throws -> String {
    let size = try seek(offset: 0, from: .end)
    let start = max(0, size - Self.tailLength)
    var bytes = [UInt8](repeating: 0, count: Int(size - start))
    let count = try bytes.withUnsafeMutableBytes { try read(fromAbsoluteOffset: start, into: $0) }
    return String(decoding: bytes.prefix(count), as: UTF8.self).ending(Self.tailLength)
  }

  /// The last 8 KiB of a file by name; empty when there is none.
  static func tail(of path: String) -> String {
    guard let file = try? open(FilePath(path), .readOnly, options: [.closeOnExec]) else { return "" }
    defer { try? file.close() }
    return (try? file.tail()) ?? ""
  }
}
