import Flags
import Foundation
import PipelineModel
import Testing

/// Published cases, in `Vectors/`, read with the parser that is tested.
enum Vectors {
  static func load(_ name: String) throws -> JSONValue {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors/\(name)")
    return try JSONParser.value(in: Array(Data(contentsOf: file)), limits: .definitions)
  }
}

extension JSONValue {
  subscript(name: String) -> JSONValue { object?[name] ?? .null }
  var items: [JSONValue] { list ?? [] }
  var words: String { text ?? "" }
  var double: Double { if case .number(let number) = self { number.value } else { .nan } }
}

/// Reads JSON that the test itself wrote.
func json(_ text: String) throws -> JSONValue { try JSONParser.value(in: Array(text.utf8), limits: .definitions) }

func context(_ text: String) throws -> JSONObject { try #require(try json(text).object) }

func user(_ number: Int) -> JSONObject { JSONObject([("targetingKey", .text("user-\(number)"))]) }

let noon = Timestamp(milliseconds: 1_795_262_400_000)

/// A set that has to be readable.
func flagSet(_ text: String, _ generation: Generation = .standard) throws -> FlagSet {
  try #require(FlagSet.read(Array(text.utf8), generation: generation).set)
}

/// What a rule gives, told by a boolean flag of whose variants `true` and `false` it names one; otherwise the variant
/// that its text names.
func flag(targeting: String, variants: String = #"{"true": true, "false": false}"#) throws -> Flag {
  let set = try flagSet(
    #"{"flags": {"f": {"state": "ENABLED", "variants": \#(variants), "targeting": \#(targeting)}}}"#)
  return try #require(set["f"])
}

/// What a rule comes to for a context, by comparing it with what is wanted inside the rule language.
func gives(_ rule: String, _ wanted: String, for data: String = "{}") throws -> Bool {
  let flag = try flag(targeting: #"{"===": [\#(rule), \#(wanted)]}"#)
  return flag.resolve(try context(data), at: noon).value == .bool(true)
}

/// Chance for tests, the same for the same seed: SplitMix64.
struct Chance: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
