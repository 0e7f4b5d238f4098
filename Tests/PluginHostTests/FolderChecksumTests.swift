import Foundation
import PipelineModel
import Subprocess
import Testing

@testable import PluginHost

/// The checksum of a folder is what everybody can compute with `sha256sum`, and says no to what it cannot cover.
@Suite struct FolderChecksumTests {
  @Test func `it is that of the listing that sha256sum prints`() async throws {
    try await Stage.with { stage in
      try write(["b.py": "print()", "a b/ü.txt": "", "a.txt": "\n", "A": "x", ".hidden": "h"], stage.folder)
      let listing = "cd \"$0\" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
      let result = try await Subprocess.run(
        .name("sh"), arguments: ["-c", listing, stage.folder], output: .string(limit: 1000))
      #expect(result.standardOutput.prefix(64) == (try FolderChecksum(of: stage.folder)).hex)
    }
  }

  @Test func `a byte, a name or a file more changes it`() async throws {
    try await Stage.with { stage in
      try write(["a": "1", "b": "2"], stage.folder)
      var sums: Set<String> = [try FolderChecksum(of: stage.folder).hex]
      try write(["a": "0"], stage.folder)
      sums.insert(try FolderChecksum(of: stage.folder).hex)
      try FileManager.default.moveItem(atPath: "\(stage.folder)/a", toPath: "\(stage.folder)/c")
      sums.insert(try FolderChecksum(of: stage.folder).hex)
      try write(["d/e": ""], stage.folder)
      sums.insert(try FolderChecksum(of: stage.folder).hex)
      #expect(sums.count == 4)
    }
  }

  @Test func `links and folders that are not there are refused`() async throws {
    try await Stage.with { stage in
      try FileManager.default.createSymbolicLink(atPath: "\(stage.folder)/link", withDestinationPath: "/etc/passwd")
      let failure = #expect(throws: Failure.self) { try FolderChecksum(of: stage.folder) }
      #expect(failure?.message.contains("link is a link") == true)
      #expect(throws: Failure(.misconfigured, "there is no folder \(stage.folder)/none")) {
        try FolderChecksum(of: "\(stage.folder)/none")
      }
    }
  }

  private func write(_ files: [String: String], _ folder: String) throws {
    for (name, text) in files {
      let file = URL(filePath: "\(folder)/\(name)")
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }
}
