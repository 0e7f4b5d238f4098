import Foundation
import GRDB
import Testing

@testable import SQLiteStore

// The lines of Python in The-journal.md, taken from the page, say of a store what the audit says.

@Suite struct DocumentedCheckTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources/Engine/Documentation.docc/The-journal.md")

  private func check(_ path: String) throws -> String {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let start = try #require(text.range(of: "```python\n")?.upperBound)
    let end = try #require(text.range(of: "```", range: start..<text.endIndex)?.lowerBound)
    let python = Process()
    python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    python.arguments = ["python3", "-c", String(text[start..<end]), path]
    let output = Pipe()
    python.standardOutput = output
    python.standardError = output
    try python.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    python.waitUntilExit()
    return String(decoding: said, as: UTF8.self)
  }

  @Test func `the documented check finds what the audit finds`() throws {
    try Deployments.fill(folder.store)
    #expect(try check(folder.store) == "whole\n")
    for (sql, said) in [
      (
        "UPDATE journal SET entry = replace(entry, 'alice', 'mallory') WHERE seq = 3",
        "entry 3 is not as it was written\n"
      ),
      ("DELETE FROM journal WHERE seq = 5", "entry 5 is not as it was written\n"),
      ("DELETE FROM journal WHERE seq > 20", "the head says 30 entries, there are 20\n"),
    ] {
      let copy = try folder.copy(folder.store, to: "\(UUID().uuidString).db")
      try DatabaseQueue(path: copy).write {
        try $0.execute(sql: "DROP TRIGGER journal_never_changes; DROP TRIGGER journal_never_shrinks; \(sql)")
      }
      #expect(try check(copy) == said)
      #expect(try !Audit.verify(copy).isWhole)
    }
  }
}
