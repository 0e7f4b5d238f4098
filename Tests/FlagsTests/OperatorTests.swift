import Flags
import Testing

/// Rules and what they come to. Expected values follow ECMAScript, on which JsonLogic rests, and flagd's documentation.
struct OperatorTests {
  @Test(arguments: [
    (#"{"==": [1, "1"]}"#, "true"), (#"{"==": ["", 0]}"#, "true"), (#"{"==": [null, 0]}"#, "false"),
    (#"{"==": [true, 1]}"#, "true"), (#"{"==": [true, "1"]}"#, "true"), (#"{"==": ["a", "b"]}"#, "false"),
    (#"{"==": [[1], 1]}"#, "true"), (#"{"==": [[1, 2], "1,2"]}"#, "true"), (#"{"===": [1, "1"]}"#, "false"),
    (#"{"===": [1, 1.0]}"#, "true"), (#"{"!=": [1, 2]}"#, "true"), (#"{"!==": [1, "1"]}"#, "true"),
    (#"{"!": [[]]}"#, "true"), (#"{"!": "0"}"#, "false"), (#"{"!!": ["0"]}"#, "true"), (#"{"!!": 0}"#, "false"),
    (#"{"<": [1, 2]}"#, "true"), (#"{"<": [1, 2, 3]}"#, "true"), (#"{"<": [1, 3, 2]}"#, "false"),
    (#"{"<=": [1, 1, 2]}"#, "true"), (#"{">": ["b", "a"]}"#, "true"), (#"{">=": ["10", 9]}"#, "true"),
    (#"{"<": ["10", "9"]}"#, "true"), (#"{"<": ["x", 1]}"#, "false"), (#"{">": ["x", 1]}"#, "false"),
    (#"{"<": ["\uffff", "\ud83d\ude00"]}"#, "true"),
  ])
  func `comparisons`(_ rule: String, _ wanted: String) throws { #expect(try gives(rule, wanted)) }

  @Test(arguments: [
    (#"{"+": [1, 2, 3]}"#, "6"), (#"{"+": ["3.5abc"]}"#, "3.5"), (#"{"-": [5, 3]}"#, "2"), (#"{"-": [5]}"#, "-5"),
    (#"{"*": [2, "3"]}"#, "6"), (#"{"/": [1, 4]}"#, "0.25"), (#"{"%": [-7, 3]}"#, "-1"), (#"{"%": [7.5, 2]}"#, "1.5"),
    (#"{"min": [3, 1, 2]}"#, "1"), (#"{"max": [3, "10", 2]}"#, "10"), (#"{"-": ["0x10", 1]}"#, "15"),
  ])
  func `arithmetic`(_ rule: String, _ wanted: String) throws { #expect(try gives(rule, wanted)) }

  @Test(arguments: [
    (#"{"if": [false, 1, true, 2, 3]}"#, "2"), (#"{"if": [false, 1]}"#, "null"), (#"{"if": [0, 1, 2]}"#, "2"),
    (#"{"and": [1, 0, 2]}"#, "0"), (#"{"and": [1, 2]}"#, "2"), (#"{"or": [0, "", 3]}"#, "3"),
    (#"{"or": [0, ""]}"#, "\"\""),
    (#"{"map": [[1, 2], {"*": [{"var": ""}, 2]}]}"#, "[2, 4]"),
    (#"{"filter": [[1, 2, 3], {">": [{"var": ""}, 1]}]}"#, "[2, 3]"),
    (#"{"reduce": [[1, 2, 3], {"+": [{"var": "current"}, {"var": "accumulator"}]}, 10]}"#, "16"),
    (#"{"all": [[1, 2], {">": [{"var": ""}, 0]}]}"#, "true"), (#"{"all": [[], true]}"#, "false"),
    (#"{"none": [[1, 2], {">": [{"var": ""}, 2]}]}"#, "true"),
    (#"{"some": [[1, 2], {">": [{"var": ""}, 1]}]}"#, "true"),
    (#"{"merge": [[1, 2], 3, [[4]]]}"#, "[1, 2, 3, [4]]"), (#"{"in": ["b", "abc"]}"#, "true"),
    (#"{"in": [2, [1, 2]]}"#, "true"), (#"{"in": ["2", [1, 2]]}"#, "false"), (#"{"in": ["x", null]}"#, "false"),
    (#"{"cat": ["a", 1, null, true, 1.50]}"#, "\"a1true1.5\""), (#"{"cat": [1e21, "/", 0.0000001]}"#, "\"1e+21/1e-7\""),
    (#"{"cat": [100000000000000000000, "/", 0.000001]}"#, "\"100000000000000000000/0.000001\""),
    (#"{"substr": ["jsonlogic", 4]}"#, "\"logic\""), (#"{"substr": ["jsonlogic", -5, 3]}"#, "\"log\""),
    (#"{"substr": ["jsonlogic", 4, -2]}"#, "\"log\""), (#"{"substr": ["äöü", 1, 1]}"#, "\"ö\""),
    (#"{"substr": ["abc", 5]}"#, "\"\""), (#"{"substr": ["abc", 2, -2]}"#, "\"\""),
  ])
  func `choices, lists and texts`(_ rule: String, _ wanted: String) throws { #expect(try gives(rule, wanted)) }

  static let person = #"{"name": "Zoë", "age": 29, "car": {"doors": [2, 4]}, "none": null, "empty": "", "a.b": 1}"#

  @Test(arguments: [
    (#"{"var": "name"}"#, "\"Zoë\""), (#"{"var": ["age"]}"#, "29"), (#"{"var": ["size", 7]}"#, "7"),
    (#"{"var": "car.doors.1"}"#, "4"), (#"{"var": "car.wheels"}"#, "null"), (#"{"var": ["none", 7]}"#, "null"),
    (#"{"var": ["name.first", "x"]}"#, "\"x\""), (#"{"var": {"cat": ["ca", "r.doors.0"]}}"#, "2"),
    (#"{"missing": ["name", "size", "empty"]}"#, #"["size", "empty"]"#), (#"{"missing": [["size"]]}"#, #"["size"]"#),
    (#"{"missing_some": [1, ["name", "size"]]}"#, "[]"), (#"{"missing_some": [2, ["name", "size"]]}"#, #"["size"]"#),
    (#"{"var": "$flagd.flagKey"}"#, "\"f\""), (#"{"var": "$flagd.timestamp"}"#, "1795262400"),
    (#"{"var": {"cat": ["$flagd", ".flagKey"]}}"#, "\"f\""), (#"{"map": [[1], {"var": "name"}]}"#, "[null]"),
  ])
  func `data`(_ rule: String, _ wanted: String) throws { #expect(try gives(rule, wanted, for: Self.person)) }

  @Test func `what flagd adds to a context is not the caller's to say`() throws {
    #expect(try gives(#"{"var": "$flagd.flagKey"}"#, "\"f\"", for: #"{"$flagd": {"flagKey": "x"}}"#))
    #expect(try gives(#"{"var": {"cat": ["$flagd", ".flagKey"]}}"#, "\"f\"", for: #"{"$flagd": {"flagKey": "x"}}"#))
  }

  @Test(arguments: [
    (#"{"starts_with": ["abc", "ab"]}"#, "true"), (#"{"starts_with": ["ab", "abc"]}"#, "false"),
    (#"{"starts_with": ["abc"]}"#, "null"), (#"{"starts_with": [1, "1"]}"#, "null"),
    (#"{"ends_with": ["abc", "bc"]}"#, "true"), (#"{"ends_with": ["e\u0301", "\u0301"]}"#, "true"),
    (#"{"==": ["e\u0301", "\u00e9"]}"#, "false"), (#"{"in": ["\u0301", "e\u0301"]}"#, "true"),
    (#"{"sem_ver": ["1.2.3", "<", "1.10.0"]}"#, "true"), (#"{"sem_ver": ["1.0.0-rc.1", "<", "1.0.0"]}"#, "true"),
    (#"{"sem_ver": ["1.0.0-rc.2", "<", "1.0.0-rc.10"]}"#, "true"),
    (#"{"sem_ver": ["1.0.0-1", "<", "1.0.0-a"]}"#, "true"),
    (#"{"sem_ver": ["1.0.0-a", "<", "1.0.0-a.1"]}"#, "true"), (#"{"sem_ver": ["1.0.0+x", "=", "1.0.0+y"]}"#, "true"),
    (#"{"sem_ver": ["1.2", "~", "1.2.9"]}"#, "true"), (#"{"sem_ver": ["1.3", "~", "1.2.9"]}"#, "false"),
    (#"{"sem_ver": ["1.3", "^", "1"]}"#, "true"), (#"{"sem_ver": ["V2", "^", "1"]}"#, "false"),
    (#"{"sem_ver": ["1.2.3", "!=", "1.2.3"]}"#, "false"), (#"{"sem_ver": ["1.2.3", "<=", "1.2.3"]}"#, "true"),
    (#"{"sem_ver": ["1.2.3", ">=", "1.2.4"]}"#, "false"), (#"{"sem_ver": ["01.2.3", "=", "1.2.3"]}"#, "null"),
    (#"{"sem_ver": ["1.2.3.4", "=", "1.2.3"]}"#, "null"), (#"{"sem_ver": ["1.2.3", "?", "1.2.3"]}"#, "null"),
    (#"{"sem_ver": ["1.2.3-01", "=", "1.2.3"]}"#, "null"), (#"{"sem_ver": ["", "=", "1.2.3"]}"#, "null"),
  ])
  func `flagd's own operators`(_ rule: String, _ wanted: String) throws { #expect(try gives(rule, wanted)) }

  @Test func `a long list of texts is searched as a short one`() throws {
    let names = (0..<1000).map { "\"user-\($0)\"" }.joined(separator: ",")
    #expect(try gives(#"{"in": ["user-731", [\#(names)]]}"#, "true"))
    #expect(try gives(#"{"in": ["user-1000", [\#(names)]]}"#, "false"))
    #expect(try gives(#"{"in": [{"var": "who"}, [\#(names)]]}"#, "true", for: #"{"who": "user-0"}"#))
  }
}
