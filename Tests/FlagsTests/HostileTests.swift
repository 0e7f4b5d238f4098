import Flags
import Foundation
import Testing

/// Definitions and contexts made to hurt: nothing traps, nothing runs on. Random ones come from `FUZZ_SEED`, which is
/// printed, `FUZZ_MUTATIONS` of them.
struct HostileTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<1_000_000)
  private static let count = environment["FUZZ_MUTATIONS"].flatMap(Int.init) ?? 1000

  private static func numbers(_ count: Int) -> String { (0..<count).map(String.init).joined(separator: ",") }

  /// Rules whose work or result grows without bound if nobody counts.
  private static let endless = [
    #"{"reduce": [[LIST], {"cat": [{"var": "accumulator"}, {"var": "accumulator"}]}, "xx"]}"#,
    #"{"reduce": [[LIST], [{"var": "accumulator"}, {"var": "accumulator"}], 1]}"#,
    #"{"reduce": [[LIST], {"merge": [{"var": "accumulator"}, {"var": "accumulator"}]}, [1]]}"#,
    #"{"reduce": [[LIST], {"var": ""}, 1]}"#,
    #"{"reduce": [[LIST], [{"var": "accumulator"}], 1]}"#,
    #"{"map": [[LIST], {"map": [[LIST], {"map": [[LIST], 1]}]}]}"#,
    #"{"some": [[LIST], {"some": [[LIST], {"some": [[LIST], false]}]}]}"#,
    #"{"filter": [[LIST], {"in": [{"cat": [{"var": ""}, "x"]}, [LIST]]}]}"#,
  ]

  @Test(arguments: endless)
  func `a rule without end is ended, and says so`(_ rule: String) throws {
    let flag = try flag(targeting: rule.replacingOccurrences(of: "LIST", with: Self.numbers(2000)))
    let resolution = flag.resolve(user(1), at: noon)
    #expect(resolution.reason == .error)
    #expect(resolution.failure?.code == .general)
  }

  @Test func `a rule that is too deep is refused`() throws {
    let deep = String(repeating: #"{"!":["#, count: 300) + "1" + String(repeating: "]}", count: 300)
    #expect(FlagSet.read(Array(#"{"flags": {"f": \#(deep)}}"#.utf8)).set == nil)
    let lists = String(repeating: "[", count: 1_000_000)
    #expect(FlagSet.read(Array(lists.utf8)).hasErrors)
    #expect(throws: JSONRefusal.self) {
      try JSONParser.value(in: Array(String(repeating: "{\"a\":", count: 40).utf8), limits: .context)
    }
  }

  @Test func `shared rules do not multiply without bound`() throws {
    let shared = #"{"or": [\#((0..<5000).map { #"{"==": [{"var": "x"}, \#($0)]}"# }.joined(separator: ","))]}"#
    let references = Array(repeating: #"{"$ref": "big"}"#, count: 1000).joined(separator: ",")
    let reading = FlagSet.read(
      Array(
        """
        {"$evaluators": {"big": \(shared)}, "flags": {"f": {"state": "ENABLED", "variants": {"on": true},
          "targeting": {"if": [{"or": [\(references)]}, "on"]}}}}
        """.utf8))
    #expect(reading.problems.contains { $0.message.contains("more parts than") })
    #expect(reading.set?.resolve("f", user(1), at: noon).failure?.code == .parseError)
  }

  @Test func `a long text searched in a long text ends`() throws {
    let long = String(repeating: "a", count: 100_000)
    let flag = try flag(targeting: #"{"in": [{"var": "b"}, {"var": "a"}]}"#)
    let context = JSONObject([("a", .text(long)), ("b", .text(String(repeating: "a", count: 50_000) + "b"))])
    #expect(flag.resolve(context, at: noon).failure?.code == .general)
  }

  @Test func `damaged definitions are refused or read, never more`() throws {
    print("FUZZ_SEED=\(Self.seed) FUZZ_MUTATIONS=\(Self.count)")
    var chance = Chance(Self.seed)
    let sound = Array(
      (try Vectors.load("flagd.json")["flagSets"]["evaluator"]["definition"]["flags"].object?.members ?? [])
        .prefix(60).map { "\"\($0.name.text)\":\($0.value.written)" }.joined(separator: ",").utf8)
    for _ in 0..<(Self.count / 10) {
      var text = Array(#"{"flags":{"#.utf8) + sound + Array("}}".utf8)
      for _ in 0..<Int.random(in: 1...4, using: &chance) { Self.damage(&text, &chance) }
      guard let set = FlagSet.read(text).set else { continue }
      for flag in set.flags { Self.check(flag, Self.context(&chance)) }
    }
  }

  private static func damage(_ text: inout [UInt8], _ chance: inout Chance) {
    let place = Int.random(in: 0..<text.count, using: &chance)
    let length = Int.random(in: 1...20, using: &chance)
    switch Int.random(in: 0..<4, using: &chance) {
    case 0: text[place] = UInt8.random(in: 0...255, using: &chance)
    case 1: text.removeSubrange(place..<min(place + length, text.count))
    case 2: text.insert(contentsOf: text[place..<min(place + length, text.count)], at: place)
    default: text[place] = Array(#"{}[]",:0-1ten"#.utf8).randomElement(using: &chance) ?? 0
    }
  }

  @Test func `random rules over random contexts give an answer, twice the same`() throws {
    print("FUZZ_SEED=\(Self.seed) FUZZ_MUTATIONS=\(Self.count)")
    var chance = Chance(Self.seed)
    for _ in 0..<Self.count {
      let generation = Generation.allCases.randomElement(using: &chance) ?? .v2
      let rule = JSONValue.object(
        JSONObject([("if", .list([Self.rule(5, &chance), .bool(true), Self.rule(3, &chance)]))]))
      let text = #"{"flags":{"f":{"state":"ENABLED","variants":{"true":1,"a":2},"targeting":\#(rule.written)}}}"#
      let flag = try #require(try flagSet(text, generation)["f"])
      Self.check(flag, Self.context(&chance))
    }
  }

  private static let foreign: [(ForeignFlags.Source, String)] = [
    (
      .unleash,
      #"""
      {"features": [{"name": "f", "enabled": true, "strategies": [{"name": "flexibleRollout", "segments": [1],
        "parameters": {"rollout": "30", "stickiness": "default", "groupId": "g"},
        "constraints": [{"contextName": "x", "operator": "NUM_GT", "value": "3"},
          {"contextName": "currentTime", "operator": "DATE_AFTER", "value": "2026-01-01T00:00:00.5+01:00"}],
        "variants": [{"name": "a", "weight": 500, "payload": {"type": "json", "value": "{\"b\":[1]}"},
          "overrides": [{"contextName": "userId", "values": ["ann"]}]}, {"name": "b", "weight": 500,
            "payload": {"type": "json", "value": "{}"}}]}]}],
        "segments": [{"id": 1, "constraints": [{"contextName": "x", "operator": "IN", "values": ["1"]}]}]}
      """#
    ),
    (
      .goff,
      #"""
      {"f": {"variations": {"a": 1, "b": 2}, "bucketingKey": "email", "targeting": [
        {"query": "x.y eq \"a\" and not (age in [1,2] or version ge 1.2.3)", "percentage": {"a": 30, "b": 70}},
        {"query": "{\"==\": [{\"var\": \"key\"}, 1]}", "variation": "a"}], "defaultRule": {"progressiveRollout": {
          "initial": {"variation": "a", "date": "2026-01-01T00:00:00Z"},
          "end": {"variation": "b", "percentage": 80, "date": "2026-01-02T00:00:00Z"}}},
        "experimentation": {"start": "2026-01-01T00:00:00Z"}, "metadata": {"x": 1}}}
      """#
    ),
  ]

  @Test(arguments: foreign.indices)
  func `damaged files of other systems are refused or read, and give an answer there and here`(index: Int) throws {
    print("FUZZ_SEED=\(Self.seed) FUZZ_MUTATIONS=\(Self.count)")
    let (source, text) = Self.foreign[index]
    #expect(ForeignFlags.read(source, json: Array(text.utf8), now: noon).flags.count == 1)
    var chance = Chance(Self.seed)
    for _ in 0..<Self.count {
      var damaged = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &chance) { Self.damage(&damaged, &chance) }
      for flag in ForeignFlags.read(source, json: damaged, now: noon).flags {
        Self.check(flag.flag, Self.context(&chance))
        _ = flag.movement(over: [Self.context(&chance)], at: noon)
      }
    }
  }

  private static func check(_ flag: Flag, _ context: JSONObject) {
    let resolution = flag.resolve(context, at: noon)
    #expect(resolution == flag.resolve(context, at: noon))
    #expect(resolution == flag.explain(context, at: noon).resolution)
    #expect((resolution.reason == .error) == (resolution.failure != nil))
    if let variant = resolution.variant { #expect(flag.variants.contains { $0.name == variant }) }
  }

  private static let operators = [
    "==", "===", "!=", "!==", "!", "!!", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "min", "max", "merge", "in",
    "cat", "substr", "missing", "missing_some", "starts_with", "ends_with", "sem_ver", "var", "if", "and", "or", "map",
    "filter", "reduce", "all", "none", "some", "fractional",
  ]

  private static func rule(_ depth: Int, _ chance: inout Chance) -> JSONValue {
    switch depth == 0 ? 0 : Int.random(in: 0..<6, using: &chance) {
    case 0: return value(0, &chance)
    case 1: return .list(rules(depth, &chance))
    default:
      let name = operators.randomElement(using: &chance) ?? "var"
      return .object(JSONObject([(name, .list(rules(depth, &chance)))]))
    }
  }

  private static func rules(_ depth: Int, _ chance: inout Chance) -> [JSONValue] {
    (0..<Int.random(in: 0...4, using: &chance)).map { _ in rule(depth - 1, &chance) }
  }

  private static func value(_ depth: Int, _ chance: inout Chance) -> JSONValue {
    switch Int.random(in: 0..<(depth == 0 ? 4 : 6), using: &chance) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &chance))
    case 2:
      let numbers = [0, -1, 1, 0.5, 1e300, -1e300, .leastNonzeroMagnitude, 0x1p53, 100]
      return .number(JSONNumber(numbers.randomElement(using: &chance) ?? 0))
    case 3:
      return .text(
        ["a", "", "x.y", "$flagd", "1.2.3", "ä\u{0301}", "1", "Infinity", "0x", "-"].randomElement(using: &chance) ?? ""
      )
    case 4: return .list((0..<3).map { _ in value(depth - 1, &chance) })
    default: return .object(context(&chance, depth: depth - 1))
    }
  }

  private static func context(_ chance: inout Chance, depth: Int = 3) -> JSONObject {
    let names = ["a", "x", "y", "1", "targetingKey", "$flagd", "", "email", "version"]
    return JSONObject(names.compactMap { Bool.random(using: &chance) ? ($0, value(depth, &chance)) : nil })
  }
}
