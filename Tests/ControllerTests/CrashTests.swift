import Controller
import Engine
import Foundation
import GRDB
import PipelineModel
import SQLiteStore
import Simulation
import TestSupport
import Testing

// The controller is killed around every single write and around every single effect, and another goes on with the same
// journal in the same world. The end must be the end of the undisturbed run, nothing that must never be may ever be, and
// a receiver that counts keys must have counted each effect once.

@Suite struct CrashTests {
  struct Release: CustomTestStringConvertible, Sendable {
    var pipeline: Pipeline
    var errors: Double
    var outcome: Outcome
    var testDescription: String { "\(pipeline.name), \(outcome.phrase)" }
  }

  static let releases = [
    Release(pipeline: .canary(), errors: 0.01, outcome: .promoted),
    Release(pipeline: .canary(), errors: 0.2, outcome: .rolledBack),
    Release(pipeline: .blueGreen(), errors: 0.01, outcome: .promoted),
    Release(pipeline: .blueGreen(), errors: 0.2, outcome: .failed),
    Release(pipeline: .ramp(), errors: 0.01, outcome: .promoted),
    Release(pipeline: .ramp(), errors: 0.2, outcome: .rolledBack),
    Release(pipeline: .remedied(by: "new-checkout"), errors: 0.2, outcome: .rolledBack),
  ]

  @Test(arguments: releases) func `killed around every single write, a run ends as if nothing had happened`(
    _ release: Release
  ) throws {
    let undisturbed = try run(release)
    #expect(undisturbed.outcome == release.outcome)
    #expect(undisturbed.appends >= 4)
    for append in 1...undisturbed.appends {
      for written in [false, true] {
        for downtime in [Interval.zero, .seconds(40)] {
          let end = try run(release, downtime: downtime) { $0.store.troubles = [append: .crash(written: written)] }
          #expect(
            end.isAs(undisturbed), "killed \(written ? "after" : "before") write \(append), away \(downtime): \(end)")
          #expect(end.crashes == 1)
        }
      }
    }
  }

  @Test(arguments: releases) func `killed after every single effect, its answer lost, a run ends the same`(
    _ release: Release
  ) throws {
    let undisturbed = try run(release)
    for effect in 1...undisturbed.effects {
      let end = try run(release, downtime: .seconds(3)) { $0.sink.performsLeft = effect }
      #expect(end.isAs(undisturbed), "killed after effect \(effect): \(end)")
      #expect(end.crashes == 1)
    }
  }

  @Test(arguments: releases) func `killed twice, a run ends the same`(_ release: Release) throws {
    let undisturbed = try run(release)
    let seed = Seeds.fresh
    var random = Random(seed: seed)
    for _ in 0..<60 {
      let first = Int.random(in: 1...undisturbed.appends, using: &random)
      let second = Int.random(in: first + 1...undisturbed.appends + 2, using: &random)
      let written = (Bool.random(using: &random), Bool.random(using: &random))
      let end = try run(release, downtime: .seconds(random.next() % 2 == 0 ? 0 : 90)) { rig in
        rig.store.troubles = [first: .crash(written: written.0), second: .crash(written: written.1)]
      }
      #expect(end.isAs(undisturbed), "seed \(seed), killed at writes \(first) and \(second), \(written): \(end)")
    }
  }

  @Test(arguments: releases) func `killed around a write of the store on disk, a run ends as if nothing had happened`(
    _ release: Release
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("headgate-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let undisturbed = try run(release)
    for append in stride(from: 1, through: undisturbed.appends, by: 3) {
      for written in [false, true] {
        let path = folder.appendingPathComponent("\(append)-\(written).db").path
        let end = try run(release) { rig in
          rig.journal = { try TwinJournal(path, $0) }
          rig.store.troubles = [append: .crash(written: written)]
        }
        #expect(end.isAs(undisturbed), "killed \(written ? "after" : "before") write \(append): \(end)")
        #expect(end.crashes == 1)
        #expect(try Audit.verify(path, compiler: FixedCompiler(release.pipeline)).finding == nil)
      }
    }
  }

  @Test(arguments: releases) func `a table of runs that is not where a fold of the run leads is found`(
    _ release: Release
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("headgate-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("headgate.db").path
    _ = try run(release) { rig in rig.journal = { try TwinJournal(path, $0) } }
    for (change, what) in [
      ("weight = weight + 1", "its weight is"), ("stage = 'elsewhere'", "the table says elsewhere"),
      ("ended_at = ended_at + 1", "its end is"), ("status = 'aborted'", "stands as aborted"),
    ] {
      let copy = folder.appendingPathComponent("\(UUID().uuidString).db").path
      try FileManager.default.copyItem(atPath: path, toPath: copy)
      try DatabaseQueue(path: copy).write { try $0.execute(sql: "UPDATE progress SET \(change) WHERE run = 1") }
      let finding = try Audit.verify(copy, compiler: FixedCompiler(release.pipeline)).finding
      guard case .readModel(RunID(1), let said) = finding?.kind else {
        return #expect(change.isEmpty, "a finding of run 1, not \(finding?.description ?? "none")")
      }
      #expect(said.contains(what))
    }
  }

  // MARK: A run to its end

  struct End: CustomStringConvertible {
    var outcome: Outcome?
    var appends: Int
    var effects: Int
    var crashes: Int
    var violations: [String]
    /// What was done to the world, measurements left out, each key counted once.
    var done: [String]
    var weights: [Weight]
    /// How the flag came to what it is.
    var flag: [String]

    func isAs(_ other: End) -> Bool {
      outcome == other.outcome && done == other.done && weights == other.weights && flag == other.flag
        && violations.isEmpty
    }

    var description: String {
      "\(outcome?.phrase ?? "no end"), \(violations), \(done), \(weights), \(flag)"
    }
  }

  private func run(_ release: Release, downtime: Interval = .zero, _ prepare: (Rig) -> Void = { _ in }) throws -> End {
    let rig = Rig(FixedCompiler(release.pipeline), world: .healthy(canary: release.errors))
    rig.downtime = downtime
    rig.flags = FlagPolicy(environments: [.init(name: "production")])
    rig.store.ask(.flag(.wish(FlagWish(RampTests.name, .create(RampTests.draft)))))
    prepare(rig)
    rig.store.ask(.start(release.pipeline.name, version: "v2"))
    try rig.open()
    try rig.finish()
    return End(
      outcome: try rig.outcome(of: 1), appends: rig.store.appends, effects: rig.sink.performed.count,
      crashes: rig.crashes, violations: rig.violations + rig.sink.violations, done: rig.sink.countedOnce,
      weights: rig.sink.worlds.values.flatMap(\.weights),
      flag: try rig.store.entries.compactMap(\.revision).map(Self.story))
  }

  /// What became of a flag, without the numbers of effects: a run that was away has missed looks.
  private static func story(_ revision: FlagRevision) -> String {
    let latch = revision.isLatched ? ", latched" : ""
    return switch revision.change {
    case .stepped(let step): "\(step.variant) \(step.weight)\(latch)"
    case .switchedOff(let run, _): "switched off by run \(run)\(latch)"
    default: "\(revision.change)\(latch)"
    }
  }
}
