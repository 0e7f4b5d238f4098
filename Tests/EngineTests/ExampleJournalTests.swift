import Engine
import Foundation
import PipelineModel
import Testing

// The journal shown in The-life-of-a-run.md is what the engine writes.

struct ExampleJournalTests {
  @Test func `the page shows a journal as it is`() throws {
    let journal = try Self.journal().joined(separator: "\n")
    let page = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Engine/Documentation.docc/The-life-of-a-run.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    #expect(text.contains("```json\n\(journal)\n```"), "the page should show:\n\(journal)")
  }

  /// 50 % for two minutes with a look a minute; the second look fails.
  private static func journal() throws -> [String] {
    var rig = Rig([Pipelines.canary([50, 100], gate: Pipelines.gate(atLeast: 2), hold: .minutes(2))])
    var lines = [line(1, rig, .started(rig.start), by: .person("ann"))]
    for reading in [nil, Reading.good, .bad, nil] {
      if let reading { try rig.look(reading) } else { try rig.settle() }
      let (fact, principal, _) = try #require(rig.facts.last)
      lines.append(line(Int64(lines.count) + 1, rig, fact, by: principal))
    }
    return lines
  }

  private static func line(_ sequence: Int64, _ rig: Rig, _ fact: Fact, by principal: Principal) -> String {
    let entry = Entry(
      sequence: sequence, time: rig.now, run: RunID(1), previous: sequence - 1, actor: principal,
      origin: sequence == 1 ? "cli" : "controller", fact: fact, decisions: rig.reaction.decisions)
    return String(decoding: entry.canonical, as: UTF8.self)
  }
}
