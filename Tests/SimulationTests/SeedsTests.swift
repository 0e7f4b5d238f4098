import Engine
import PipelineModel
import Simulation
import TestSupport
import Testing

// Random pipelines in random worlds, with faults, crashes, clocks that jump and people who meddle. Whatever the outcome,
// there is one, nothing that must never be has been, and a run in a healthy world that nobody disturbed is promoted.
// HEADGATE_SEEDS says how many to try, HEADGATE_SEED with which to begin.

@Suite struct SeedsTests {
  @Test func `whatever happens, every run ends, and ends well`() {
    let first = Seeds.fresh
    var outcomes: [Outcome: Int] = [:]
    for seed in first..<first + UInt64(Seeds.count(3000)) {
      var random = Random(seed: seed)
      let pipeline = random.pipeline()
      let disturbed = random.chance(0.9)
      let world = random.world(isGood: !disturbed)
      let events = disturbed ? random.events(of: pipeline) : Random.approval
      let (result, entries) = simulate(pipeline, world: world, events: events, seed: seed)
      #expect(result.violations == [], "seed \(seed)")
      #expect(result.outcome != nil, "seed \(seed)")
      #expect(entries.map(\.time) == entries.map(\.time).sorted(), "seed \(seed)")
      if !disturbed { #expect(result.outcome == .promoted, "seed \(seed)") }
      if let outcome = result.outcome { outcomes[outcome, default: 0] += 1 }
    }
    // A simulation that never comes to some end tries nothing there.
    for outcome in Outcome.allCases { #expect(outcomes[outcome, default: 0] > 0, "\(outcome) was never tried") }
  }

  @Test func `what is written reads back to the same bytes, and replays to the same decisions`() throws {
    let first = Seeds.fresh
    for seed in first..<first + UInt64(Seeds.count(3000) / 10) {
      var random = Random(seed: seed)
      let pipeline = random.pipeline()
      let (_, entries) = simulate(
        pipeline, world: random.world(isGood: false), events: random.events(of: pipeline), seed: seed)
      guard case .started(let start)? = entries.first?.fact else { continue }
      var reaction = Reaction()
      var run = Run(
        id: RunID(1), plan: Plan(pipeline), start: start, by: entries[0].actor, at: entries[0].time, into: &reaction)
      #expect(reaction.decisions == entries[0].decisions)
      for (entry, bytes) in zip(entries, entries.canonical).dropFirst() {
        let read = try bytes.withUnsafeBufferPointer { try Entry(canonical: $0) }
        // Compared by what would be written: a NaN that was measured is not equal to itself.
        #expect([read].canonical == [bytes], "seed \(seed), entry \(entry.sequence)")
        reaction.clear()
        try run.apply(read.fact, by: read.actor, at: read.time, into: &reaction)
        var replayed = entry
        replayed.decisions = reaction.decisions
        #expect([replayed].canonical == [bytes], "seed \(seed), entry \(entry.sequence)")
      }
    }
  }
}
