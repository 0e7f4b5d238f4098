import Foundation
import LiveRig
import Testing

/// Flags as people look at them: who would move by name, what is yet to come, what changed, and what there is not.
@Suite struct FlagLookingTests {
  private struct Movers: Decodable {
    struct Mover: Decodable, Equatable {
      var targetingKey: String?
      var position: Int
      var from: String?
      var to: String?
    }
    struct Balance: Decodable, Equatable {
      var variant: String?
      var gained: Int
      var lost: Int
    }
    var moved: Int
    var movers: [Mover]
    var variants: [Balance]
    var collateral: Int?
  }

  private static let definition = """
    {"state": "ENABLED", "variants": {"red": 1.0, "blue": 2, "green": 3}, "defaultVariant": "red",
     "targeting": {"if": [{"==": [{"var": "country"}, "de"]}, "blue", {"==": [{"var": "country"}, "xx"]}, "green", null]}}
    """

  private static func with(_ work: (Scratch) async throws -> Void) async throws {
    try await Scratch.with { scratch in
      let file = try scratch.rig.write(definition, to: "f.json")
      let made = try await scratch.headgate("flag", "create", "f", "-e", "staging", "--file", file, "--yes")
      #expect(made.code == 0, "\(made.all)")
      #expect(try await scratch.headgate("flag", "on", "f", "-e", "staging", "--yes").code == 0)
      try await work(scratch)
    }
  }

  @Test func `who would move is named, with what each variant gains and loses and what moves beside`() async throws {
    try await Self.with { scratch in
      let people = try scratch.rig.write(
        """
        {"targetingKey": "ann", "country": "de"}
        {"targetingKey": "bob", "country": "at"}
        {"country": "de"}
        {"targetingKey": "eve", "country": "fr"}
        """, to: "people.jsonl")
      let simulate = [
        "flag", "simulate", "f", "-e", "staging", "--contexts", people, "--meant", "green", "--rule",
        #"{"if": [{"==": [{"var": "country"}, "fr"]}, "green", {"==": [{"var": "country"}, "xx"]}, "blue", null]}"#,
      ]
      let told = try await scratch.headgate.run(simulate)
      for line in [
        "3 of 4 people move", "`blue` gains 0, loses 2", "`green` gains 1, loses 0", "`red` gains 2, loses 1",
        "collateral: 2 move",
      ] {
        #expect(told.out.contains(line), "\(told.all)")
      }
      for row in [#/ann +`blue` +`red`/#, #/person 3 +`blue` +`red`/#, #/eve +`red` +`green`/#] {
        #expect(told.out.contains(row), "\(told.all)")
      }
      #expect(!told.out.contains("bob"))
      let cut = try await scratch.headgate.run(simulate + ["--limit", "1"])
      #expect(cut.out.contains("ann") && cut.out.contains("and 2 more") && !cut.out.contains("eve"), "\(cut.all)")
      let movers = try await scratch.headgate.run(simulate + ["--limit", "1", "--format", "json"]).json(Movers.self)
      #expect(
        movers.movers == [
          .init(targetingKey: "ann", position: 1, from: "blue", to: "red"),
          .init(targetingKey: nil, position: 3, from: "blue", to: "red"),
          .init(targetingKey: "eve", position: 4, from: "red", to: "green"),
        ])
      #expect(movers.collateral == 2)
      #expect(movers.variants.contains(.init(variant: "red", gained: 2, lost: 1)))
    }
  }

  @Test func `of a time to come it is said what is known now, and what waits for its time`() async throws {
    try await Self.with { scratch in
      let scheduled = try await scratch.headgate(
        "flag", "off", "f", "-e", "staging", "--at", "2100-01-01T00:00:00Z", "--yes")
      #expect(scheduled.code == 0, "\(scheduled.all)")
      let eval = ["flag", "eval", "f", "-e", "staging", "--key", "u"]
      let later = try await scratch.headgate.run(eval + ["--at", "2100-06-01"])
      #expect(later.code == 0 && later.errors.contains("is yet to come: this is what is known now"), "\(later.all)")
      #expect(later.errors.contains("proposal 1 waits for its time: to be turned off at 2100-01-01"), "\(later.all)")
      let sooner = try await scratch.headgate.run(eval + ["--at", "2099-06-01"])
      #expect(sooner.errors.contains("is yet to come") && !sooner.errors.contains("proposal"), "\(sooner.all)")
      #expect(try await scratch.headgate.run(eval).errors.isEmpty)
    }
  }

  @Test func `a value in JSON is the value, as it was written`() async throws {
    try await Self.with { scratch in
      let eval = ["flag", "eval", "f", "-e", "staging", "--format", "json"]
      let red = try await scratch.headgate.run(eval + ["--key", "u"])
      #expect(red.out.contains(#""value": 1.0"#), "\(red.all)")
      let blue = try await scratch.headgate.run(eval + ["--context", #"{"country": "de"}"#])
      #expect(blue.out.contains(#""value": 2"#) && blue.out.contains(#""variant": "blue""#), "\(blue.all)")
      #expect(try await scratch.headgate("flag", "off", "f", "-e", "staging", "--yes").code == 0)
      #expect(try await !scratch.headgate.run(eval + ["--key", "u"]).out.contains(#""value""#))
    }
  }

  private struct Difference: Decodable {
    struct Line: Decodable, Equatable {
      var kind: String
      var text: String
    }
    struct Revision: Decodable { var revision: Int64 }
    var from: Revision?
    var to: Revision
    var lines: [Line]
  }

  @Test func `what changed is told to programs, too`() async throws {
    try await Self.with { scratch in
      #expect(try await scratch.headgate("flag", "set", "f", "-e", "staging", "--owner", "shop", "--yes").code == 0)
      let told = try await scratch.headgate("flag", "diff", "f", "-e", "staging", "--format", "json")
      let difference = try told.json(Difference.self)
      #expect(difference.from?.revision == 2 && difference.to.revision == 3)
      #expect(difference.lines.contains(.init(kind: "added", text: "owner: shop")))
      #expect(!difference.lines.contains { $0.kind == "removed" })
      let first = try await scratch.headgate("flag", "diff", "f", "-e", "staging", "--to", "1", "--format", "json")
      #expect(try first.json(Difference.self).from == nil)
    }
  }

  @Test func `before the first revision there is nothing to go back to`() async throws {
    try await Self.with { scratch in
      #expect(try await scratch.headgate("flag", "create", "g", "-e", "staging", "--yes").code == 0)
      let refused = try await scratch.headgate("flag", "revert", "g", "-e", "staging", "--yes")
      #expect(refused.code == 1 && refused.errors.contains("nothing before it"), "\(refused.all)")
    }
  }

  @Test func `a history without a store says that there is none`() async throws {
    try await Scratch.with { scratch in
      try scratch.configure("audit: { reads: [history] }")
      let none = try await scratch.headgate("flag", "history", "f", "-e", "staging")
      #expect(none.code == 2 && !none.errors.contains("not on record"), "\(none.all)")
      #expect(none.errors.contains("headgate.db"), "\(none.all)")
    }
  }
}
