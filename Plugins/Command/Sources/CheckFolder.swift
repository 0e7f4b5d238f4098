import FoundationEssentials
import Glibc
import PipelineModel
import PluginKit
import SystemPackage

/// The folder in which one key's command leaves its traces; see `Supervisor` for the files.
struct CheckFolder {
  let path: String

  /// - Throws: `rejected` when the key does not fit into a file name.
  init(root: String, key: String) throws(Failure) {
    let name = Self.fileName(key)
    guard !key.isEmpty, name.utf8.count <= 200 else {
      throw Failure(.rejected, "the key of a command must have 1 to 200 characters, this has \(key.count)")
    }
    // The supervisor runs in the command's folder, where a relative path would lead elsewhere.
    let base = root.hasPrefix("/") ? root : "\(FileManager.default.currentDirectoryPath)/\(root)"
    path = "\(base)/\(name)"
  }

  /// The keys that have a folder.
  static func keys(in root: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.sorted().compactMap(key)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  func create() throws(Failure) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw Failure(.misconfigured, "could not make the folder \(path): \(error)")
    }
  }

  var exists: Bool { FileManager.default.fileExists(atPath: path) }
  /// A supervisor has taken the key, now or long ago.
  var isClaimed: Bool { FileManager.default.fileExists(atPath: "\(path)/pid") }
  var supervisor: ProcessMark? { text("pid").flatMap(ProcessMark.init(text:)) }
  var group: ProcessMark? { text("group").flatMap(ProcessMark.init(text:)) }
  var status: Int? { text("status").flatMap { Int($0.trimmed) } }
  var isRunning: Bool { supervisor?.isAlive == true || group?.isAlive == true }

  /// The end of what was printed, and of a command that took too long last of all that it did.
  var output: String {
    guard let timeout = text("timeout") else { return printed }
    return printed.isEmpty || printed.hasSuffix("\n") ? printed + timeout : "\(printed)\n\(timeout)"
  }

  /// What the command itself printed of it.
  var printed: String {
    let tail = FileDescriptor.tail(of: "\(path)/tail")
    if tail.utf8.count >= Int(FileDescriptor.tailLength) { return tail }
    return (FileDescriptor.tail(of: "\(path)/output") + tail).ending(FileDescriptor.tailLength)
  }

  /// Takes the key away from a supervisor that has not begun yet. Harmless when one has.
  func claimAsCancelled() {
    if settle("pid", "cancelled") { _ = settle("status", "143") }
  }

  /// Says for good that no status will come. Harmless when one has.
  func claimAsLost() { _ = settle("status", "lost") }

  /// Makes a file with its text in one step; `false` when it is there already.
  private func settle(_ file: String, _ content: String) -> Bool {
    let made = "\(path)/\(file).\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: made) }
    return FileManager.default.createFile(atPath: made, contents: Data("\(content)\n".utf8))
      && link(made, "\(path)/\(file)") == 0
  }

  private func text(_ file: String) -> String? {
    FileManager.default.contents(atPath: "\(path)/\(file)").map { String(decoding: $0, as: UTF8.self) }
  }

  /// The key whose folder has a name.
  private static func key(ofFile name: String) -> String? {
    var bytes: [UInt8] = []
    var rest = name.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else { bytes.append(byte); continue }
      guard let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16) else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Letters, digits, `-`, `_` and `.` stay, everything else is `%XX`; a leading dot too, so that none is hidden.
  private static func fileName(_ key: String) -> String {
    var name = ""
    for (index, byte) in key.utf8.enumerated() {
      let character = Character(Unicode.Scalar(byte))
      let plain = character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
      if plain && !(index == 0 && character == ".") {
        name.append(character)
      } else {
        let hex = String(byte, radix: 16, uppercase: true)
        name += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
      }
    }
    return name
  }
}
