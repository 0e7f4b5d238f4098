import Analysis
import Engine
import PipelineModel
import Testing

// What the journal says of a comparison: entries from before there was a later look to name stay as they were.

struct WeighingRecordTests {
  private static func entry(_ change: (inout Weighing) -> Void = { _ in }) -> Entry {
    var weighing = Weighing(
      look: 33, canary: ArmCounts(bad: 41, all: 10_210), control: ArmCounts(bad: 190, all: 193_400), logFail: 6.2101,
      logPass: -3.1, atLeast: 1.6)
    change(&weighing)
    return Entry(
      sequence: 7, time: Timestamp(milliseconds: 1_795_266_300_123), run: RunID(41), previous: 5, actor: .controller,
      fact: .measured(EffectID(9), .answer(.number(1))), decisions: [.weighed(.move, metric: 0, weighing)])
  }

  private static func text(_ entry: Entry) -> String { String(decoding: entry.canonical, as: UTF8.self) }

  @Test func `an entry that names no later look is of the whole run`() throws {
    let text = Self.text(Self.entry())
    #expect(text.contains(",false,null]"))
    let read = try Entry(canonical: Array(text.utf8))
    guard case .weighed(_, _, let weighing) = read.decisions[0] else { throw Rig.Missing("no weighing") }
    #expect(weighing.since == 1)
    #expect(!weighing.isNegligible)
  }

  @Test func `what is new stands behind what was there, and is read back`() throws {
    let late = Self.entry { $0.since = 31 }
    #expect(Self.text(late).contains(",false,null,31]"))
    let negligible = Self.entry { ($0.since, $0.isNegligible) = (31, true) }
    #expect(Self.text(negligible).contains(",false,null,\"negligible\",31]"))
    for entry in [late, negligible, Self.entry { $0.isNegligible = true }] {
      #expect(try Entry(canonical: entry.canonical).decisions == entry.decisions)
    }
  }

  @Test func `that the counts are since the first look goes without saying`() {
    let text = Self.text(Self.entry { $0.since = 31 }).replacing(",31]", with: ",1]")
    #expect(throws: DamagedEntry.self) { try Entry(canonical: Array(text.utf8)) }
  }
}
