import Flags
import PipelineModel
import Testing

// What GO Feature Flag gives somebody, and what the flag gives that is made of it: its hash is FNV-1a of the flag's and
// the person's key, its buckets stand in the reverse order of their names, its conditions have a language of their own.

@Suite struct GoFeatureFlagImportTests {
  private func read(_ flag: String) -> ForeignFlags {
    ForeignFlags.read(.goff, json: Array(#"{"f": \#(flag)}"#.utf8), now: noon)
  }

  private func flag(_ rest: String) throws -> ImportedFlag {
    let result = read(#"{"variations": {"A": "a", "B": "b", "C": "c"}, \#(rest)}"#)
    return try #require(result.flags.first, "\(result.problems)")
  }

  private func query(_ text: String) throws -> ImportedFlag {
    let quoted = JSONValue.text(text).written
    return try flag(#""targeting": [{"query": \#(quoted), "variation": "B"}], "defaultRule": {"variation": "A"}"#)
  }

  @Test(arguments: [
    (#"key eq "ann""#, #"{"targetingKey": "ann"}"#, true), (#"key eq "ann""#, #"{"targetingKey": "bob"}"#, false),
    (#"plan in ["a","b"]"#, #"{"plan": "b"}"#, true), (#"plan in ["a", "b"]"#, "{}", false),
    ("age gt 17", #"{"age": 18}"#, true), ("age gt 17", #"{"age": 17}"#, false), ("age lt 17", "{}", false),
    ("age in [1,2]", #"{"age": 2}"#, true), ("ratio >= 0.5", #"{"ratio": 0.5}"#, true),
    (#"mail ew "@x.org" and beta eq true"#, #"{"mail": "a@x.org", "beta": true}"#, true),
    (#"mail sw "a" and not (beta eq true)"#, #"{"mail": "a@x.org", "beta": true}"#, false),
    (#"mail co "@x""#, #"{"mail": "a@x.org"}"#, true), ("company.id eq 7", #"{"company": {"id": 7}}"#, true),
    ("beta pr", #"{"beta": false}"#, true), ("beta pr", "{}", false), ("beta eq null", "{}", true),
    (#"plan ne "a""#, "{}", false), (#"plan ne "7""#, #"{"plan": "8"}"#, true),
    ("version ge 1.2.0", #"{"version": "1.10.0"}"#, true), ("version lt 1.2.0", #"{"version": "1.10.0"}"#, false),
    // From the left: (beta or gamma) and delta.
    ("beta eq true or gamma eq true and delta eq true", #"{"beta": true}"#, false),
    (#"{"==": [{"var": "key"}, "ann"]}"#, #"{"targetingKey": "ann"}"#, true),
    (#"{"in": [{"var": "plan"}, ["a"]]}"#, #"{"plan": "b"}"#, false),
  ])
  func `a condition holds for the same people in both`(text: String, person: String, holds: Bool) throws {
    let flag = try query(text)
    let person = try context(person)
    #expect(flag.original(for: person, at: noon) == (holds ? "B" : "A"))
    #expect(flag.flag.resolve(person, at: noon).variant == (holds ? "B" : "A"), "\(flag.definition.written)")
  }

  @Test func `texts are compared without case there and with it here, which is said and counted`() throws {
    let result = read(
      #"{"variations": {"A": 1, "B": 2}, "targeting": [{"query": "plan eq \"Pro\"", "variation": "B"}], "defaultRule": {"variation": "A"}}"#
    )
    #expect(result.problems.map(\.severity) == [.warning])
    let flag = try #require(result.flags.first)
    let people = try ["pro", "Pro", "basic"].map { try context(#"{"plan": "\#($0)"}"#) }
    let movement = flag.movement(over: people, at: noon)
    #expect(movement.movers == [0])
    #expect(movement.ways == [.init(from: "B", to: "A"): 1])
  }

  /// FNV-1a, 32 bits, as its authors give it: offset 2166136261, prime 16777619.
  private func hash(_ text: String) -> UInt32 {
    var hash: UInt32 = 2_166_136_261
    for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return hash
  }

  @Test func `people are put into buckets by FNV-1a, the last name first`() throws {
    #expect(hash("a") == 0xe40c_292c, "a published value")
    let flag = try flag(#""defaultRule": {"percentage": {"A": 20, "B": 30.5, "C": 49.5}}"#)
    for number in 0..<2000 {
      let place = hash("fuser-\(number)") % 100_000
      let expected = place < 49_500 ? "C" : place < 80_000 ? "B" : "A"
      #expect(flag.original(for: user(number), at: noon) == expected)
    }
    let movement = flag.movement(over: (0..<5000).map(user), at: noon)
    // Who falls into the same bucket by chance stays: 0.2² + 0.305² + 0.495² of the people.
    #expect(2950...3300 ~= movement.movers.count, "\(movement.movers.count)")
  }

  @Test func `shares need not sum to a hundred, and nobody in particular has the client's own default`() throws {
    let flag = try flag(#""defaultRule": {"percentage": {"A": 1, "B": 3}}"#)
    #expect(flag.original(for: JSONObject(), at: noon) == nil)
    #expect(flag.flag.resolve(JSONObject(), at: noon).variant == nil)
    #expect(1350...1650 ~= (0..<2000).count { flag.original(for: user($0), at: noon) == "B" })
  }

  @Test func `a key of its own, a window and a switch are carried over`() throws {
    let keyed = try flag(#""bucketingKey": "team", "defaultRule": {"percentage": {"A": 50, "B": 50}}"#)
    #expect(keyed.original(for: user(1), at: noon) == nil)
    #expect(keyed.flag.resolve(user(1), at: noon).variant == nil)
    let team = JSONObject([("team", .text("red"))])
    #expect(keyed.original(for: team, at: noon) != nil)
    #expect(keyed.flag.resolve(team, at: noon).variant != nil)
    let window = #""experimentation": {"start": "2026-11-21T11:00:00Z", "end": "2026-11-21T13:00:00.00+00:00"}"#
    let bounded = try flag(#"\#(window), "defaultRule": {"variation": "B"}"#)
    for (shift, expected) in [(-7_200_000, nil), (0, "B"), (7_200_000, nil)] as [(Int64, String?)] {
      let instant = Timestamp(milliseconds: noon.milliseconds + shift)
      #expect(bounded.original(for: user(1), at: instant) == expected)
      #expect(bounded.flag.resolve(user(1), at: instant).variant == expected)
    }
    let disabled = try flag(#""disable": true, "defaultRule": {"variation": "B"}"#)
    #expect(disabled.original(for: user(1), at: noon) == nil)
    #expect(disabled.flag.resolve(user(1), at: noon).variant == nil)
  }

  private func progress(_ from: String, _ to: String) -> ForeignFlags {
    read(
      #"""
      {"variations": {"on": true, "off": false}, "defaultRule": {"progressiveRollout": {
        "initial": {"variation": "off", "percentage": 0, "date": "\#(from)"},
        "end": {"variation": "on", "percentage": 80, "date": "\#(to)"}}}}
      """#)
  }

  @Test func `of a rollout by time what it has come to is carried over, and one under way is not`() throws {
    let before = try #require(progress("2026-12-01T00:00:00Z", "2026-12-09T00:00:00Z").flags.first)
    #expect(before.flag.resolve(user(1), at: noon).variant == "off")
    let after = try #require(progress("2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z").flags.first)
    #expect(1500...1700 ~= (0..<2000).count { after.original(for: user($0), at: noon) == "on" })
    let during = progress("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")
    #expect(during.flags.isEmpty)
    #expect(during.problems.first?.help?.contains("headgate flag ramp") == true)
  }

  @Test(arguments: [
    (#""defaultRule": {"variation": "D"}"#, "a variation that there is"),
    (#""targeting": [{"query": "a eq", "variation": "A"}], "defaultRule": {"variation": "A"}"#, "a value is missing"),
    (#""targeting": [{"query": "(a eq 1", "variation": "A"}], "defaultRule": {"variation": "A"}"#, "`)` is missing"),
    (#""targeting": [{"query": "{\"nope\": 1}", "variation": "A"}], "defaultRule": {"variation": "A"}"#, "nope"),
    (
      #""scheduledRollout": [{"date": "2026-01-01T00:00:00Z"}], "defaultRule": {"variation": "A"}"#, "scheduled rollout"
    ),
    (#""defaultRule": {"percentage": {"A": 0}}"#, "sum to nothing"),
    (#""experimentation": {"start": "soon"}, "defaultRule": {"variation": "A"}"#, "no time by RFC 3339"),
  ])
  func `what cannot be carried over is told, and its flag is left out`(rest: String, message: String) throws {
    let result = read(#"{"variations": {"A": "a"}, \#(rest)}"#)
    #expect(result.flags.isEmpty)
    #expect(result.problems.contains { $0.severity == .error && $0.message.contains(message) }, "\(result.problems)")
  }

  @Test func `all flags of a file are one definition that is read again`() throws {
    let text =
      #"{"a": {"variations": {"x": 1}, "defaultRule": {"variation": "x"}}, "b": {"variations": {"x": {"deep": [1.0]}}, "defaultRule": {"variation": "x"}}}"#
    let result = ForeignFlags.read(.goff, json: Array(text.utf8), now: noon)
    let set = try flagSet(result.definition.written)
    #expect(set.flags.map(\.key) == ["a", "b"])
    #expect(set["b"]?.resolve(user(1), at: noon).value == (try json(#"{"deep": [1.0]}"#)))
  }
}
