import Flags
import PipelineModel
import Testing

// What Unleash gives somebody, and what the flag gives that is made of it. Hashes and edge cases are facts of Unleash's
// published specification of clients (client-specification, version 5), written down anew: which users fall on which
// side of a rollout and into which variant.

@Suite struct UnleashImportTests {
  private func read(_ features: String, rest: String = "") throws -> ForeignFlags {
    ForeignFlags.read(.unleash, json: Array(#"{"version": 2, "features": [\#(features)]\#(rest)}"#.utf8), now: noon)
  }

  private func feature(_ strategies: String, name: String = "f", variants: String = "[]") throws -> ImportedFlag {
    let result = try read(
      #"{"name": "\#(name)", "enabled": true, "strategies": [\#(strategies)], "variants": \#(variants)}"#)
    return try #require(result.flags.first, "\(result.problems)")
  }

  private func rollout(_ share: Int, _ stickiness: String, group: String) -> String {
    #"{"name": "flexibleRollout", "parameters": {"rollout": "\#(share)", "stickiness": "\#(stickiness)", "groupId": "\#(group)"}}"#
  }

  @Test(arguments: [
    ("Feature.flexibleRollout.10", 10, "default", #"{"targetingKey": "174"}"#, "on"),
    ("Feature.flexibleRollout.10", 10, "default", #"{"targetingKey": "499"}"#, "off"),
    ("Feature.flexibleRollout.10", 10, "default", #"{"sessionId": "174"}"#, "on"),
    ("Feature.flexibleRollout.10", 10, "default", #"{"sessionId": "499"}"#, "off"),
    ("Feature.flexibleRollout.userId.55", 55, "userId", #"{"targetingKey": "25"}"#, "on"),
    ("Feature.flexibleRollout.userId.55", 55, "userId", #"{"sessionId": "25"}"#, "off"),
    ("Feature.flexibleRollout.sessionId.42", 42, "sessionId", #"{"sessionId": "147", "targetingKey": "12"}"#, "on"),
    ("Feature.flexible.rollout.custom.stickiness_50", 50, "customField", #"{"customField": "402"}"#, "off"),
    ("Feature.flexible.rollout.custom.stickiness_50", 50, "customField", #"{"customField": "388"}"#, "on"),
    ("Feature.flexible.rollout.custom.stickiness_50", 50, "customField", #"{"customField": "39"}"#, "on"),
    ("Feature.flexible.rollout.custom.stickiness_50", 50, "customField", "{}", "off"),
    ("Feature.flexibleRollout.100", 100, "default", "{}", "on"),
    ("Feature.flexibleRollout.0", 0, "default", #"{"targetingKey": "12"}"#, "off"),
  ])
  func `a rollout lets in whom Unleash lets in`(
    group: String, share: Int, stickiness: String, person: String, expected: String
  ) throws {
    let flag = try feature(rollout(share, stickiness, group: group))
    #expect(flag.original(for: try context(person), at: noon) == expected)
  }

  @Test(arguments: [("122", "on"), ("155", "off")])
  func `the older strategies hash as the newer one`(user: String, expected: String) throws {
    let flag = try feature(
      #"{"name": "gradualRolloutUserId", "parameters": {"percentage": "50", "groupId": "AB12A"}}"#)
    #expect(flag.original(for: JSONObject([("targetingKey", .text(user))]), at: noon) == expected)
  }

  private static let three = """
    [{"name": "variant1", "weight": 33}, {"name": "variant2", "weight": 33}, {"name": "variant3", "weight": 33}]
    """

  @Test(arguments: [("232", "variant1"), ("607", "variant2"), ("656", "variant3")])
  func `variants are those that Unleash gives`(user: String, expected: String) throws {
    let flag = try feature("", name: "Feature.Variants.C", variants: Self.three)
    #expect(flag.original(for: JSONObject([("targetingKey", .text(user))]), at: noon) == expected)
  }

  @Test(arguments: [("616", "blue"), ("503", "red"), ("438", "green"), ("44", "yellow")])
  func `variants may be told apart by a field`(value: String, expected: String) throws {
    let names = ["blue", "red", "green", "yellow"]
    let variants = names.map { #"{"name": "\#($0)", "weight": 25, "stickiness": "customField"}"# }
    let flag = try feature(
      rollout(100, "default", group: "g"), name: "Feature.flexible.rollout.custom.stickiness_100",
      variants: "[\(variants.joined(separator: ","))]")
    #expect(flag.original(for: JSONObject([("customField", .text(value))]), at: noon) == expected)
  }

  @Test(arguments: [("5", "variantNameA"), ("0", "variantNameB")])
  func `a strategy's own variants go by its group`(user: String, expected: String) throws {
    let flag = try feature(
      #"""
      {"name": "flexibleRollout", "parameters": {"rollout": "100", "stickiness": "default", "groupId": "a"},
       "variants": [{"name": "variantNameA", "weight": 1}, {"name": "variantNameB", "weight": 1}]}
      """#)
    #expect(flag.original(for: JSONObject([("targetingKey", .text(user))]), at: noon) == expected)
  }

  private static let constraints: [(String, String, [(String, String)])] = [
    (
      #""operator": "IN", "values": ["a", "b"]"#, "x", [(#"{"x": "a"}"#, "on"), ("{}", "off"), (#"{"x": "c"}"#, "off")]
    ),
    (#""operator": "NOT_IN", "values": ["a"]"#, "x", [(#"{"x": "a"}"#, "off"), ("{}", "on"), (#"{"x": null}"#, "on")]),
    (#""operator": "IN", "values": ["a"], "inverted": true"#, "x", [(#"{"x": "a"}"#, "off"), ("{}", "on")]),
    (#""operator": "NOT_IN", "values": ["a"], "inverted": true"#, "x", [(#"{"x": "a"}"#, "on"), ("{}", "off")]),
    (
      #""operator": "STR_STARTS_WITH", "values": ["e1", "e2"]"#, "x",
      [(#"{"x": "e2 c"}"#, "on"), (#"{"x": "c e1"}"#, "off")]
    ),
    (
      #""operator": "STR_ENDS_WITH", "values": [".com"]"#, "x",
      [(#"{"x": "a.com"}"#, "on"), (#"{"x": "a.COM"}"#, "off")]
    ),
    (#""operator": "STR_CONTAINS", "values": ["mail"]"#, "x", [(#"{"x": "e-mail"}"#, "on"), ("{}", "off")]),
    (
      #""operator": "STR_CONTAINS", "values": ["mail"], "inverted": true"#, "x",
      [(#"{"x": "e-mail"}"#, "off"), ("{}", "on")]
    ),
    (
      #""operator": "NUM_EQ", "value": "12.0""#, "x",
      [(#"{"x": "12"}"#, "on"), (#"{"x": "13"}"#, "off"), (#"{"x": 12}"#, "on")]
    ),
    (#""operator": "NUM_LT", "value": "12""#, "x", [(#"{"x": "0"}"#, "on"), (#"{"x": "12"}"#, "off"), ("{}", "off")]),
    (
      #""operator": "NUM_GTE", "value": "12""#, "x",
      [(#"{"x": "12"}"#, "on"), (#"{"x": "11"}"#, "off"), (#"{"x": "no"}"#, "off")]
    ),
    (
      #""operator": "SEMVER_GT", "value": "1.2.3""#, "x",
      [(#"{"x": "1.10.0"}"#, "on"), (#"{"x": "1.2.3-a"}"#, "off"), ("{}", "off")]
    ),
    (#""operator": "DATE_AFTER", "value": "2026-11-21T11:59:59.000Z""#, "currentTime", [("{}", "on")]),
    (#""operator": "DATE_AFTER", "value": "2026-11-21T12:00:00.000Z""#, "currentTime", [("{}", "off")]),
    (#""operator": "DATE_BEFORE", "value": "2026-11-21T13:00:00.001+01:00""#, "currentTime", [("{}", "on")]),
    (
      #""operator": "IN", "values": ["ann"]"#, "userId",
      [(#"{"targetingKey": "ann"}"#, "on"), (#"{"userId": "ann"}"#, "off")]
    ),
  ]

  @Test(arguments: constraints.indices)
  func `a constraint holds for the same people in both`(index: Int) throws {
    let (test, field, cases) = Self.constraints[index]
    let flag = try feature(
      #"{"name": "default", "constraints": [{"contextName": "\#(field)", \#(test)}]}"#)
    for (person, expected) in cases {
      let person = try context(person)
      #expect(flag.original(for: person, at: noon) == expected, "\(test) \(person)")
      #expect(flag.flag.resolve(person, at: noon).variant == expected, "\(test) \(flag.definition.written)")
    }
  }

  @Test func `several strategies let in whom any of them lets in`() throws {
    let flag = try feature(
      #"""
      {"name": "userWithId", "parameters": {"userIds": "ann, bob"}},
      {"name": "flexibleRollout", "parameters": {"rollout": 50, "stickiness": "default", "groupId": "g"},
       "constraints": [{"contextName": "plan", "operator": "IN", "values": ["pro"]}]},
      {"name": "remoteAddress", "parameters": {"IPs": "10.0.0.1"}}
      """#)
    for (person, expected) in [
      (#"{"targetingKey": "bob"}"#, "on"), (#"{"targetingKey": "eve"}"#, "off"),
      (#"{"targetingKey": "eve", "remoteAddress": "10.0.0.1"}"#, "on"),
    ] {
      #expect(flag.original(for: try context(person), at: noon) == expected)
      #expect(flag.flag.resolve(try context(person), at: noon).variant == expected)
    }
    let pros = (0..<2000).map { JSONObject([("targetingKey", .text("u\($0)")), ("plan", .text("pro"))]) }
    let share = pros.count { flag.flag.resolve($0, at: noon).variant == "on" }
    #expect(900...1100 ~= share)
  }

  @Test func `who would move is who gets another variant, person by person`() throws {
    let flag = try feature(rollout(30, "default", group: "checkout"))
    let people = (0..<5000).map(user)
    let movement = flag.movement(over: people, at: noon)
    let moved = people.indices.filter {
      flag.original(for: people[$0], at: noon) != flag.flag.resolve(people[$0], at: noon).variant
    }
    #expect(movement.movers == moved)
    #expect(movement.population == 5000)
    // Two hashes that know nothing of one another: 2 · 0.3 · 0.7 of the people.
    #expect(1900...2300 ~= moved.count)
  }

  @Test func `nobody moves where nobody is put into buckets`() throws {
    let flag = try feature(#"{"name": "userWithId", "parameters": {"userIds": "user-7,user-9"}}"#)
    #expect(flag.movement(over: (0..<100).map(user), at: noon).movers.isEmpty)
    #expect(flag.flag.resolve(user(7), at: noon).value == .bool(true))
  }

  @Test func `what is off stays off, and keeps its rule`() throws {
    let result = try read(#"{"name": "f", "enabled": false, "strategies": [{"name": "default"}]}"#)
    let flag = try #require(result.flags.first)
    #expect(flag.original(for: user(1), at: noon) == "off")
    #expect(flag.flag.resolve(user(1), at: noon).value == .bool(false))
    #expect(flag.definition.written.contains(#""targeting":{"if":[false,"#))
  }

  @Test func `values of variants come from their payloads, and overrides come first`() throws {
    let flag = try feature(
      #"{"name": "default"}"#,
      variants: #"""
        [{"name": "a", "weight": 1, "payload": {"type": "number", "value": "1.50"},
          "overrides": [{"contextName": "userId", "values": ["ann"]}]},
         {"name": "b", "weight": 0, "payload": {"type": "number", "value": "2"}}]
        """#)
    #expect(flag.flag.resolve(try context(#"{"targetingKey": "ann"}"#), at: noon).value == .number(1.5))
    #expect(flag.definition.written.contains("1.50"))
    #expect(flag.movement(over: (0..<50).map(user), at: noon).movers.isEmpty)
  }

  @Test(arguments: [
    (#"{"name": "flexibleRollout", "parameters": {"rollout": "50", "stickiness": "random"}}"#, "decides by chance"),
    (#"{"name": "gradualRolloutRandom", "parameters": {"percentage": "50"}}"#, "decides by chance"),
    (#"{"name": "applicationHostname", "parameters": {"hostNames": "a"}}"#, "strategy `applicationHostname`"),
    (#"{"name": "remoteAddress", "parameters": {"IPs": "10.0.0.0/8"}}"#, "no range such as 10.0.0.0/8"),
    (#"{"name": "flexibleRollout", "parameters": {"rollout": "150"}}"#, "a whole number of percent"),
    (#"{"name": "default", "segments": [7]}"#, "what segment 7 is"),
    (
      #"{"name": "default", "constraints": [{"contextName": "x", "operator": "REGEX", "value": "a+"}]}"#,
      "operator `REGEX`"
    ),
    (
      #"{"name": "default", "constraints": [{"contextName": "x", "operator": "STR_CONTAINS", "values": ["a"], "caseInsensitive": true}]}"#,
      "upper and lower case"
    ),
    (
      #"{"name": "default", "constraints": [{"contextName": "x", "operator": "DATE_AFTER", "value": "2026-01-01T00:00:00Z"}]}"#,
      "no other dates"
    ),
    (
      #"{"name": "default", "constraints": [{"contextName": "a.b", "operator": "IN", "values": []}]}"#,
      "a dot leads into an object"
    ),
  ])
  func `what cannot be carried over is told at its place, and its flag is left out`(
    strategy: String, message: String
  ) throws {
    let result = try read(
      "\n" + #"{"name": "bad", "enabled": true, "strategies": [\#(strategy)]}, {"name": "good", "enabled": true}"#)
    #expect(result.flags.map(\.flag.key) == ["good"])
    let problem = try #require(result.problems.first)
    #expect(problem.severity == .error)
    #expect(problem.flag == "bad")
    #expect(problem.message.contains(message), "\(problem)")
    #expect(problem.place.line == 2)
  }

  @Test func `segments are constraints like any other`() throws {
    let result = try read(
      #"{"name": "f", "enabled": true, "strategies": [{"name": "default", "segments": [3]}]}"#,
      rest: #", "segments": [{"id": 3, "constraints": [{"contextName": "plan", "operator": "IN", "values": ["pro"]}]}]"#
    )
    let flag = try #require(result.flags.first)
    #expect(flag.flag.resolve(try context(#"{"plan": "pro"}"#), at: noon).variant == "on")
    #expect(flag.flag.resolve(try context("{}"), at: noon).variant == "off")
  }

  private static let export = Array(
    #"""
    {"features": [{"name": "f", "description": "New checkout"}],
     "featureStrategies": [
       {"featureName": "f", "environment": "production", "name": "userWithId", "parameters": {"userIds": "ann"}},
       {"featureName": "f", "environment": "development", "name": "default"}],
     "featureEnvironments": [
       {"featureName": "f", "environment": "production", "enabled": true},
       {"featureName": "f", "environment": "development", "enabled": true}]}
    """#.utf8)

  @Test func `an export of several environments is read for the one that is meant`() throws {
    let unclear = ForeignFlags.read(.unleash, json: Self.export, now: noon)
    #expect(unclear.flags.isEmpty)
    #expect(unclear.problems.first?.help == "Say which with --from-environment: development, production.")
    for (environment, expected) in [("production", "off"), ("development", "on")] {
      let result = ForeignFlags.read(.unleash, json: Self.export, environment: environment, now: noon)
      let flag = try #require(result.flags.first)
      #expect(flag.purpose == "New checkout")
      #expect(flag.flag.resolve(user(1), at: noon).variant == expected)
    }
  }
}
