import Flags
import PipelineModel
import Testing

/// Who is made up to tell who moves: people on both sides of whatever a rule asks.
struct ReckoningTests {
  private static func flag(_ rule: String) throws -> Flag {
    let set = try flagSet(
      #"""
      {"flags": {"f": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
                       "targeting": \#(rule)}}}
      """#)
    return try #require(set["f"])
  }

  private static let off = "null"

  @Test(arguments: [
    #"{"!!": [{"var": "email"}]}"#, #"{"missing": ["email"]}"#, #"{"missing_some": [1, ["email", "phone"]]}"#,
    #"{"!!": [{"var": "user.id"}]}"#, #"{">": [{"+": [{"var": "a"}, {"var": "b"}]}, 100]}"#,
    #"{"==": [{"substr": [{"var": "id"}, 0, 1]}, "a"]}"#,
    #"{"some": [{"var": "groups"}, {"==": [{"var": ""}, "beta"]}]}"#,
    #"{"all": [{"var": "groups"}, {"in": [{"var": "name"}, ["beta", "alpha"]]}]}"#,
    #"{"==": [{"var": ["email", null]}, null]}"#, #"{"sem_ver": [{"var": "version"}, ">=", "2.1.0"]}"#,
    #"{"starts_with": [{"var": "email"}, "ada@"]}"#, #"{"in": [{"var": "country"}, ["de", "at"]]}"#,
    #"{"==": [{"%": [{"var": "n"}, 10]}, 3]}"#, #"{"and": [{"==": [{"var": "a"}, 1]}, {"<": [{"var": "b"}, 5]}]}"#,
    #"{"in": ["beta", {"var": "groups"}]}"#, #"{"in": [{"var": "targetingKey"}, ["ada", "bob"]]}"#,
    #"{"<": [10, {"var": "age"}, 20]}"#,
  ])
  func `some people meet a condition, and some do not`(_ condition: String) throws {
    let reckoning = Reckoning(
      from: try Self.flag(Self.off), to: try Self.flag(#"{"if": [\#(condition), "on", "off"]}"#), count: 1000, at: noon)
    #expect(reckoning.blindSpots == [])
    let moved = reckoning.movement.movers.count
    #expect(moved > 0 && moved < reckoning.movement.population, "\(moved)")
  }

  @Test(arguments: [5, 20, 30, 50, 95], ["org", "org.id"])
  func `a split by another key moves the share that it says`(weight: Int, key: String) throws {
    let split = #"{"fractional": [{"var": "\#(key)"}, ["on", \#(weight)], ["off", \#(100 - weight)]]}"#
    let reckoning = Reckoning(from: try Self.flag(Self.off), to: try Self.flag(split), count: 4000, at: noon)
    #expect(abs((reckoning.share ?? 0) - Double(weight) / 100) < 0.03, "\(String(describing: reckoning.share))")
  }

  @Test func `who is split by what is compared too is counted`() throws {
    let rule = #"""
      {"if": [{"==": [{"var": "org"}, "acme"]}, "on", {"fractional": [{"var": "org"}, ["on", 20], ["off", 80]]}]}
      """#
    let reckoning = Reckoning(from: try Self.flag(Self.off), to: try Self.flag(rule), at: noon)
    #expect(reckoning.blindSpots == [])
    #expect(reckoning.share ?? 0 > 0.2 && reckoning.share ?? 1 < 0.6)
  }

  @Test func `a rule that turns at an instant to come moves people now`() throws {
    let seconds = noon.milliseconds / 1000 + 3600
    let rule = #"{"if": [{">": [{"var": "$flagd.timestamp"}, \#(seconds)]}, "on", "off"]}"#
    let (before, after) = (try Self.flag(Self.off), try Self.flag(rule))
    #expect(Reckoning(from: before, to: after, at: noon).share == 1)
    // Long after, it is on; nothing changes any more.
    #expect(Reckoning(from: after, to: after, at: noon + .hours(2)).movement.movers == [])
  }

  @Test(arguments: [
    #"{"if": [{"==": [{"cat": [{"var": "a"}, "-", {"var": "b"}]}, "x-y"]}, "on", "off"]}"#,
    #"{"==": [{"cat": [{"var": "a"}, "-", {"var": "b"}]}, "x-y"]}"#,
  ])
  func `where nobody can be made up it is not said that nobody moves`(_ rule: String) throws {
    let booleans = try flagSet(
      #"""
      {"flags": {"f": {"state": "ENABLED", "variants": {"on": 1, "off": 2, "true": 3, "false": 4}, "defaultVariant": "off",
                       "targeting": \#(rule)}}}
      """#)
    let reckoning = Reckoning(from: try Self.flag(Self.off), to: booleans["f"], at: noon)
    #expect(reckoning.blindSpots.count == 1)
    #expect(reckoning.share == nil)
    let own = [JSONObject([("targetingKey", .text("u")), ("a", .text("x")), ("b", .text("y"))])]
    #expect(Reckoning(from: try Self.flag(Self.off), to: booleans["f"], over: own, at: noon).share == 1)
  }

  @Test(arguments: [
    #"{"var": "$flagd.timestamp"}"#, #"{"cat": [{"var": "$flagd.timestamp"}, {"var": "targetingKey"}]}"#,
  ])
  func `who is split by the time moves at some time, and nobody can tell when`(_ key: String) throws {
    let split = #"{"fractional": [\#(key), ["on", 4], ["off", 96]]}"#
    #expect(Reckoning(from: try Self.flag(Self.off), to: try Self.flag(split), count: 100, at: noon).share == nil)
  }

  @Test func `a large rule is reckoned over fewer people`() throws {
    let conditions = (0..<3000).map { #"{"==": [{"var": "country"}, "c\#($0)"]}, "on""# }.joined(separator: ",")
    let large = try Self.flag(#"{"if": [\#(conditions), "off"]}"#)
    #expect(Reckoning(from: try Self.flag(Self.off), to: large, at: noon).movement.population < 100)
    #expect(Reckoning(from: nil, to: try Self.flag(Self.off), at: noon).movement.population == Population.standardCount)
  }
}
