import Engine
import Foundation
import PipelineModel
import Testing

// The engine as a table: every state that stands for others × everything that may happen. A change of one line of the
// engine shows here as the lines it changed.

struct TransitionTableTests {
  @Test func `every state answers every occasion as the table says`() throws {
    var lines: [String] = []
    for moment in try Moment.all() {
      lines += ["", "## \(moment.name)", "   \(moment.rig.run.shorthand)"]
      let waiting = moment.rig.run.pending.map(\.shorthand).joined(separator: "; ")
      let alarm = moment.rig.run.alarm(after: moment.rig.now)?.shorthand ?? "none"
      lines.append("   at \(moment.rig.now.shorthand), alarm \(alarm), pending: \(waiting.isEmpty ? "none" : waiting)")
      for occasion in Occasion.all { lines += Self.row(moment, occasion) }
    }
    try expectSnapshot("transitions.txt", lines.joined(separator: "\n") + "\n")
  }

  private static func row(_ moment: Moment, _ occasion: Occasion) -> [String] {
    guard let (fact, delay) = occasion.fact(moment.rig) else { return [] }
    let name = "   " + occasion.name.padding(toLength: 28, withPad: " ", startingAt: 0)
    if case .acted(let act) = fact, let refusal = moment.rig.run.refusal(of: act, by: occasion.by) {
      return ["\(name)refused: \(refusal)"]
    }
    var rig = moment.rig
    rig.now = rig.now + delay
    do {
      try rig.apply(fact, by: occasion.by)
    } catch {
      return ["\(name)illegal: \(error)\(rig.run == moment.rig.run ? "" : " AND CHANGED")"]
    }
    let state = rig.run == moment.rig.run ? "unchanged" : rig.run.shorthand
    let decisions = rig.reaction.decisions.map(\.shorthand)
    let effects = rig.reaction.effects.map { "→ \($0.shorthand)" }
    return ["\(name)\(([state] + decisions + effects).joined(separator: " | "))"]
  }
}

/// Compares with the file of that name in `Snapshots`. `RECORD_SNAPSHOTS=1` rewrites the file, and fails.
func expectSnapshot(
  _ name: String, _ text: String, file: String = #filePath, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let url = URL(filePath: file).deletingLastPathComponent().appending(path: "Snapshots/\(name)")
  if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
    try text.write(to: url, atomically: true, encoding: .utf8)
    Issue.record("recorded \(name)", sourceLocation: sourceLocation)
    return
  }
  let recorded = try String(contentsOf: url, encoding: .utf8)
  guard recorded != text else { return }
  let (before, after) = (recorded.split(separator: "\n"), text.split(separator: "\n"))
  let changed = after.difference(from: before).map { change in
    switch change {
    case .remove(_, let line, _): "- \(line)"
    case .insert(_, let line, _): "+ \(line)"
    }
  }
  Issue.record(
    "\(name) changed; RECORD_SNAPSHOTS=1 records it anew:\n\(changed.prefix(40).joined(separator: "\n"))",
    sourceLocation: sourceLocation)
}
