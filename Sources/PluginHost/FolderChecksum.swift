import Crypto
import Foundation
package import PipelineModel

/// The checksum of a plugin's folder: SHA-256 over what `sha256sum` prints for its files, in the order of their names'
/// bytes. People get the same with
///
///     find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
package struct FolderChecksum: Hashable, Sendable {
  /// 64 hexadecimal digits.
  package var hex: String

  /// - Throws: `misconfigured` when the folder holds what cannot be pinned: links, pipes, unreadable files, names with a
  ///   line break or backslash.
  package init(of folder: String) throws(Failure) {
    var sum = SHA256()
    for file in try Self.files(in: folder) {
      guard let content = FileManager.default.contents(atPath: "\(folder)/\(file)") else {
        throw Failure(.misconfigured, "\(folder)/\(file) cannot be read")
      }
      sum.update(data: Data("\(Self.hex(SHA256.hash(data: content)))  ./\(file)\n".utf8))
    }
    hex = Self.hex(sum.finalize())
  }

  /// Relative paths of the regular files, sorted by bytes.
  private static func files(in folder: String) throws(Failure) -> [String] {
    var isFolder = ObjCBool(false)
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue,
      let names = FileManager.default.enumerator(atPath: folder)
    else {
      throw Failure(.misconfigured, "there is no folder \(folder)")
    }
    var files: [String] = []
    for case let name as String in names {
      switch names.fileAttributes?[.type] as? FileAttributeType {
      case .typeDirectory?: continue
      case .typeRegular?: break
      case .typeSymbolicLink?: throw refusal(folder, name, "is a link, and where it leads cannot be pinned")
      default: throw refusal(folder, name, "is not a regular file")
      }
      if name.contains("\n") || name.contains("\\") || name.contains("\r") {
        throw refusal(folder, name, "has a line break or backslash in its name")
      }
      files.append(name)
    }
    return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func refusal(_ folder: String, _ name: String, _ reason: String) -> Failure {
    Failure(
      .misconfigured, "\(folder)/\(name.debugDescription.dropFirst().dropLast()) \(reason); take it out of the folder")
  }

  private static let digits = Array("0123456789abcdef")

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return text
  }
}

extension InstalledPlugin {
  /// - Throws: `misconfigured` when a checksum is pinned and the folder has another.
  package func verifyChecksum() throws(Failure) {
    guard let sha256 else { return }
    let found = try FolderChecksum(of: directory).hex
    guard found == sha256 else {
      throw Failure(
        .misconfigured,
        "the files of plugin \(name) in \(directory) are not those that headgate.yaml pins: their SHA-256 is \(found), "
          + "pinned is \(sha256); if the change is wanted, write the new one under `plugins:`")
    }
  }
}
