import Flags
import Testing

/// Which variant, for which reason, and which way the rule went.
struct ResolutionTests {
  private static let rule =
    #"{"if": [{"in": [{"var": "country"}, ["de", "at"]]}, {"fractional": [["true", 10], ["false", 90]]}, null]}"#

  @Test func `the way to a result is told`() throws {
    let flag = try flag(targeting: Self.rule)
    let (resolution, path) = flag.explain(
      try context(#"{"country": "de", "targetingKey": "user-7"}"#), at: noon)
    #expect(resolution == flag.resolve(try context(#"{"country": "de", "targetingKey": "user-7"}"#), at: noon))
    let hash = Generation.v2.hash(flagKey: "f", targetingKey: "user-7")
    let bucket = (UInt64(hash) * 100) >> 32 < 10 ? 0 : 1
    #expect(
      path == [
        .tested(place: "/if/0/in", holds: true),
        .fell(place: "/if/1/fractional", bucket: bucket, hash: hash, sum: 100),
      ])
  }

  @Test func `without a targeting key nobody is in a bucket`() throws {
    let resolution = try flag(targeting: Self.rule).resolve(try context(#"{"country": "de"}"#), at: noon)
    #expect(resolution.reason == .default)
    #expect(resolution.value == nil)
  }

  @Test func `a number is no name of a variant`() throws {
    let resolution = try flag(targeting: #"{"+": [1, 1]}"#).resolve(JSONObject(), at: noon)
    #expect(resolution.failure?.code == .general)
  }

  @Test func `a whole number is an integer however it is written, and no boolean is one`() throws {
    let whole = try flag(targeting: #"{"cat": ["n"]}"#, variants: #"{"n": 1.0}"#).resolve(JSONObject(), at: noon)
    #expect(whole.read(as: .integer).value?.written == "1.0")
    #expect(whole.read(as: .boolean).failure?.code == .typeMismatch)
    #expect(whole.read(as: .boolean).value == nil)
    let half = try flag(targeting: #"{"cat": ["n"]}"#, variants: #"{"n": 1.5}"#).resolve(JSONObject(), at: noon)
    #expect(half.read(as: .integer).failure?.code == .typeMismatch)
    #expect(half.read(as: .number).value?.written == "1.5")
  }

  @Test func `keys that look alike are different keys`() throws {
    let set = try flagSet(#"{"flags": {"K": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}}}"#)
    #expect(set.resolve("K", JSONObject(), at: noon).value == .bool(true))
    // The Kelvin sign is canonically equivalent to the letter.
    #expect(set.resolve("\u{212A}", JSONObject(), at: noon).failure?.code == .flagNotFound)
  }

  @Test func `a context of many members is searched as one of few`() throws {
    let members = (0..<100).map { "\"key\($0)\": \($0)" }.joined(separator: ",")
    for number in 0..<100 {
      #expect(try gives(#"{"var": "key\#(number)"}"#, "\(number)", for: "{\(members)}"))
    }
  }
}
