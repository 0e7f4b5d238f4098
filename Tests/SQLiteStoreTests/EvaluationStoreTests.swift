import Controller
import Engine
import Flags
import Foundation
import PipelineModel
import Testing

@testable import SQLiteStore

/// What was counted is found again, by time.
@Suite struct EvaluationStoreTests {
  private static let hour: Int64 = 3_600_000
  /// On the hour.
  private static let noon = Timestamp(milliseconds: 500_000 * hour)

  private static func with(
    subjects: Serving.Exposures.Subjects = .plain, _ work: (EvaluationStore, String) throws -> Void
  ) throws {
    let path = "\(FileManager.default.temporaryDirectory.path)/evaluations-\(UUID().uuidString)"
    defer { for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) } }
    try work(try EvaluationStore.open(path, subjects: subjects, now: noon), path)
  }

  private static func minute(_ minute: Int64) -> Timestamp { noon + .minutes(minute) }

  private static let set = FlagSet.read(
    Array(
      #"{"flags":{"f":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off","targeting":{"if":[{"var":"on"},"on",null]}}}}"#
        .utf8)
  ).set

  /// Somebody is given a variant at some minutes.
  private func give(
    _ store: EvaluationStore, _ subject: String, on isOn: Bool = true, way: EvaluationWay = .single, minutes: Int64...
  ) throws {
    let set = try #require(Self.set)
    let resolution = set.resolve("f", JSONObject([("on", .bool(isOn))]), at: Self.noon)
    for minute in minutes {
      var tally = EvaluationTally()
      tally.add(resolution, of: "f", in: "e", to: subject, way: way, at: Self.minute(minute))
      try store.add(tally, at: Self.minute(minute))
    }
  }

  private func who(
    _ store: EvaluationStore, from: Int64?, until: Int64?, variant: String? = nil
  ) throws -> [String] {
    try store.exposures(
      to: "f", in: "e", from: from.map(Self.minute), until: until.map(Self.minute), variant: variant
    ).map { exposure in
      let most = exposure.atMost == exposure.count ? "" : "-\(exposure.atMost)"
      return "\(exposure.subject) \(exposure.variant) \(exposure.count)\(most)\(exposure.isCertain ? "" : "?")"
    }
  }

  @Test func `those who were given a flag between two instants are found, and nobody else`() throws {
    try Self.with { store, _ in
      try give(store, "ada", minutes: 5, 30)
      try give(store, "bob", on: false, minutes: 70)
      try give(store, "eve", minutes: -10, 130)
      #expect(try who(store, from: nil, until: nil) == ["bob off 1", "ada on 2", "eve on 2"])
      #expect(try who(store, from: 0, until: 60) == ["ada on 2"])
      #expect(try who(store, from: 60, until: 120) == ["bob off 1"])
      #expect(try who(store, from: 0, until: 120, variant: "on") == ["ada on 2"])
      #expect(try who(store, from: 5, until: 6) == ["ada on 1"])
      #expect(try who(store, from: 6, until: 30) == [])
      #expect(try who(store, from: 30, until: 31) == ["ada on 1"])
      #expect(try who(store, from: 130, until: nil) == ["eve on 1"])
    }
  }

  @Test func `who was there before and after, and perhaps between, is told as such`() throws {
    try Self.with { store, _ in
      try give(store, "ada", minutes: 1, 20, 50)
      #expect(try who(store, from: 10, until: 15) == ["ada on 0-1?"])
      #expect(try who(store, from: 40, until: 55) == ["ada on 1-2"])
    }
  }

  @Test func `first, last and times are of the time that was asked about`() throws {
    try Self.with { store, _ in
      try give(store, "ada", minutes: 1, 20, 50, 61, 62, 119, 130)
      func ada(_ from: Int64, _ until: Int64) throws -> FlagExposure {
        try #require(
          try store.exposures(to: "f", in: "e", from: Self.minute(from), until: Self.minute(until)).first)
      }
      let late = try ada(40, 125)
      #expect(late.first == Self.minute(50) && late.last == Self.minute(119))
      #expect(late.count == 4 && late.atMost == 5)
      let between = try ada(10, 15)
      #expect(between.first == nil && between.last == nil && between.count == 0 && between.atMost == 1)
      let end = try ada(119, 200)
      #expect(end.first == Self.minute(119) && end.last == Self.minute(130) && end.count == 2 && end.atMost == 3)
    }
  }

  @Test func `what began in one hour and was counted into the next is found in both`() throws {
    try Self.with { store, _ in
      let set = try #require(Self.set)
      let resolution = set.resolve("f", JSONObject([("on", .bool(true))]), at: Self.noon)
      var tally = EvaluationTally()
      for minute: Int64 in [59, 60] {
        tally.add(resolution, of: "f", in: "e", to: "ada", way: .single, at: Self.minute(minute))
      }
      try store.add(tally, at: Self.minute(60))
      #expect(try who(store, from: 60, until: 90) == ["ada on 1"])
      #expect(try who(store, from: 50, until: 60) == ["ada on 1"])
    }
  }

  @Test func `the variants that anybody was given are known`() throws {
    try Self.with { store, _ in
      try give(store, "ada", minutes: 1)
      try give(store, "bob", on: false, minutes: 2)
      #expect(try store.variants(of: "f", in: "e") == ["on", "off"])
      #expect(try store.variants(of: "g", in: "e").isEmpty)
    }
  }

  @Test func `hashed subjects are found by who knows their name, and named to nobody`() throws {
    try Self.with(subjects: .hashed) { store, path in
      try give(store, "ada@example.org", minutes: 1)
      let all = try store.exposures(to: "f", in: "e", from: nil, until: nil)
      #expect(all.count == 1 && all[0].subject.count == 32 && !all[0].subject.contains("ada"))
      #expect(try store.exposures(to: "f", in: "e", from: nil, until: nil, subject: "ada@example.org") == all)
      #expect(try store.exposures(to: "f", in: "e", from: nil, until: nil, subject: "bob@example.org") == [])
      let bytes = try #require(FileManager.default.contents(atPath: path))
      let log = FileManager.default.contents(atPath: path + "-wal") ?? Data()
      #expect((bytes + log).firstRange(of: Data("ada@example.org".utf8)) == nil)
      let again = try #require(try EvaluationStore.read(path))
      #expect(again.stored("ada@example.org") == all[0].subject)
      #expect(throws: JournalFailure.self) { try EvaluationStore.open(path, subjects: .plain, now: Self.noon) }
    }
  }

  @Test func `with subjects unwanted, counts alone are kept`() throws {
    try Self.with(subjects: .none) { store, _ in
      try give(store, "ada", minutes: 1)
      #expect(try who(store, from: nil, until: nil) == [])
      #expect(try store.usage(in: "e", since: Self.noon)["f"]?.single == 1)
    }
  }

  @Test func `usage tells how a flag is asked for, and since when`() throws {
    try Self.with { store, _ in
      try give(store, "ada", minutes: 1, 2)
      try give(store, "ada", on: false, way: .bulk, minutes: 61)
      let usage = try store.usage(in: "e", since: Self.noon)
      #expect(
        usage == [
          "f": FlagUsage(
            environment: "e", flag: "f", single: 2, bulk: 1, variants: ["on": 2, "off": 1], last: Self.minute(2))
        ])
      #expect(try store.usage(in: "e", since: Self.minute(60))["f"]?.single == 0)
      #expect(try store.usage(in: "other", since: Self.noon).isEmpty)
      #expect(try store.lastUse(of: "f", in: "e").alone == Self.minute(2))
      #expect(try store.lastUse(of: "g", in: "e").alone == nil)
    }
  }

  @Test func `when a flag was last given out with all others is known, evaluated or as a definition`() throws {
    try Self.with { store, _ in
      try give(store, "ada", way: .bulk, minutes: 3)
      #expect(try store.lastUse(of: "f", in: "e") == FlagUse(withOthers: Self.minute(3)))
      var tally = EvaluationTally()
      tally.addDocument(of: "e", at: Self.minute(4))
      tally.addDocument(of: "e", at: Self.minute(5))
      tally.addDocument(of: "other", at: Self.minute(9))
      try store.add(tally, at: Self.minute(9))
      try store.add(tally, at: Self.minute(9))
      #expect(try store.lastUse(of: "f", in: "e") == FlagUse(withOthers: Self.minute(5)))
      #expect(try store.lastUse(of: "g", in: "e") == FlagUse(withOthers: Self.minute(5)))
      #expect(try store.documents(in: "e", since: Self.noon) == 4)
      #expect(try store.documents(in: "e", since: Self.minute(60)) == 0)
    }
  }

  @Test func `what is older than it is to be kept is forgotten`() throws {
    try Self.with { store, _ in
      try give(store, "ada", minutes: -61)
      try give(store, "bob", minutes: 1)
      try store.forget(before: Self.noon)
      #expect(try who(store, from: nil, until: nil) == ["bob on 1"])
    }
  }

  @Test func `what was lost is told of the time in which it was`() throws {
    try Self.with { store, _ in
      var tally = EvaluationTally(answers: 0, exposures: 1)
      let set = try #require(Self.set)
      let resolution = set.resolve("f", JSONObject(), at: Self.noon)
      for user in ["a", "b", "c"] {
        tally.add(resolution, of: "f", in: "e", to: user, way: .single, at: Self.noon)
      }
      try store.add(tally, at: Self.noon)
      let losses = try store.losses(from: Self.noon, until: nil)
      #expect(losses.evaluations == 3 && losses.exposures == 2)
      #expect(try store.losses(from: Self.minute(60), until: nil) == (0, 0))
    }
  }

  @Test func `a file that is not there was never counted into`() throws {
    #expect(try EvaluationStore.read("/nowhere/headgate.db.evaluations") == nil)
  }
}
