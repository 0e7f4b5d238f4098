import Flags
import Testing

/// What is refused when a definition is written, where, and with which words; and that what is sound is not.
struct ReadingTests {
  private func problems(_ text: String) -> [String] {
    FlagSet.read(Array(text.utf8)).problems.map(\.description)
  }

  private func problems(flag: String) -> [String] { problems(#"{"flags": {"f": \#(flag)}}"#) }

  @Test func `a sound definition has no problem`() {
    let flag = """
      {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off", "metadata": {"team": "a"},
       "targeting": {"if": [{"in": [{"var": "country"}, ["de", "at"]]}, {"fractional": [["on", 10], ["off", 90]]}, null]}}
      """
    #expect(problems(flag: flag) == [])
  }

  @Test(arguments: [
    (#"{"variants": {"on": true}}"#, "`state` is missing"),
    (#"{"state": "enabled", "variants": {"on": true}}"#, "`state` is `ENABLED` or `DISABLED`"),
    (#"{"state": "ENABLED"}"#, "`variants` is missing"),
    (#"{"state": "ENABLED", "variants": {}}"#, "at least one"),
    (#"{"state": "ENABLED", "variants": {"on": true, "off": "no"}}"#, "variant `off` is string, but `on` is boolean"),
    (#"{"state": "ENABLED", "variants": {"on": [1]}}"#, "variant `on` is a list"),
    (
      #"{"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "of"}"#,
      "the default variant `of` is no variant"
    ),
    (#"{"state": "ENABLED", "variants": {"n": 9007199254740993}}"#, "beyond 2⁵³−1"),
    (#"{"state": "ENABLED", "variants": {"n": {"deep": [9007199254740993]}}}"#, "beyond 2⁵³−1"),
    (#"{"state": "ENABLED", "variants": {"on": true}, "metadata": {"a": [1]}}"#, "metadata `a` is a text"),
    (#"{"state": "ENABLED", "variants": {"on": true}, "targeting": {"iff": [1]}}"#, "there is no operator `iff`"),
    (
      #"{"state": "ENABLED", "variants": {"on": true}, "targeting": {"if": [true, "no"]}}"#, "`no`, which is no variant"
    ),
    (
      #"{"state": "ENABLED", "variants": {"on": true}, "targeting": {"if": [true, 5]}}"#,
      "a number, which names no variant"
    ),
    (#"{"state": "ENABLED", "variants": {"on": true}, "targeting": {"$ref": "x"}}"#, "there is no shared rule `x`"),
    (#"{"state": "ENABLED", "variants": {"on": true}, "targeting": {"if": 1, "var": 2}}"#, "one member, its operator"),
    (
      #"{"state": "ENABLED", "variants": {"on": true}, "targeting": {"fractional": [["on", -1]]}}"#, "from 0 on, not -1"
    ),
    (
      #"{"state": "ENABLED", "variants": {"on": true}, "targeting": {"fractional": [["on", 1.5]]}}"#,
      "from 0 on, not 1.5"
    ),
    (
      #"{"state": "ENABLED", "variants": {"on": true}, "targeting": {"fractional": [["on", 0]]}}"#,
      "from 1 to 2147483647"
    ),
    (
      #"{"state": "ENABLED", "variants": {"on": true}, "targeting": {"fractional": ["k", "on"]}}"#, "a bucket is a list"
    ),
    (
      #"{"state": "ENABLED", "variants": {"on": true}, "targeting": {"if": [{"==": [1]}, "on"]}}"#,
      "`==` takes 2 arguments"
    ),
    (
      #"{"state": "ENABLED", "variants": {"on": true}, "targeting": {"if": [{"sem_ver": ["x", "is", "1"]}, "on"]}}"#,
      "`is`"
    ),
    (#"{"state": "ENABLED", "variants": {"on": true}, "targeting": "on"}"#, "`targeting` is an object"),
  ])
  func `a mistake is refused and named`(_ flag: String, _ message: String) {
    let reading = FlagSet.read(Array(#"{"flags": {"f": \#(flag)}}"#.utf8))
    #expect(reading.hasErrors)
    #expect(reading.problems.contains { $0.description.contains(message) }, "\(reading.problems)")
  }

  @Test(arguments: ["", "-a", "a b", "ä", "a/b"])
  func `a key that clients cannot put into an address is refused`(_ key: String) {
    let text = #"{"flags": {"\#(key)": {"state": "ENABLED", "variants": {"on": true}}}}"#
    #expect(problems(text).contains { $0.contains("a key is letters") })
  }

  @Test func `every mistake is told at once, each in its place`() {
    let text = """
      {
        "flags": {
          "a": {"state": "ON", "variants": {"on": true}},
          "b": {"state": "ENABLED", "variants": {"on": true},
                "targeting": {"if": [{"oops": 1}, "on"]}}
        }
      }
      """
    #expect(
      problems(text) == [
        "line 3, column 20: error: flag \"a\": `state` is `ENABLED` or `DISABLED`",
        "line 5, column 33: error: flag \"b\": there is no operator `oops`",
      ])
  }

  @Test func `shared rules do not name one another, nor themselves`() {
    for text in [
      #"{"flags": {}, "$evaluators": {"a": true, "b": {"!": [{"$ref": "a"}]}}}"#,
      #"{"flags": {}, "$evaluators": {"a": {"$ref": "a"}}}"#,
    ] {
      #expect(problems(text).contains { $0.contains("a shared rule names another, `a`") })
    }
  }

  @Test func `a broken rule breaks its own flag only`() throws {
    let set = try flagSet(
      """
      {"flags": {"bad": {"state": "ENABLED", "variants": {"on": true}, "targeting": {"oops": []}},
                 "good": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}}}
      """)
    let bad = set.resolve("bad", JSONObject(), at: noon)
    #expect(bad.reason == .error)
    #expect(bad.failure == .init(code: .parseError, details: "there is no operator `oops`"))
    #expect(set.resolve("good", JSONObject(), at: noon).value == .bool(true))
    #expect(set.resolve("neither", JSONObject(), at: noon).failure?.code == .flagNotFound)
  }

  @Test(arguments: [
    ("{", "line 1, column 2: the text ends where a name in double quotes is wanted"),
    ("[1,]", "line 1, column 4: a value is wanted here"), ("[1 2]", "line 1, column 4: a comma or `]` is wanted here"),
    ("{\"a\":1,\n \"a\":2}", "line 2, column 2: `a` stands twice in this object; keep one"),
    ("\"\\x\"", "line 1, column 2: there is no such escape"),
    ("01", "line 1, column 1: a number does not begin with 0; take it away"),
    ("\"\\ud800\"", "line 1, column 2: half of a surrogate pair; write both halves or the character itself"),
    ("1 2", "line 1, column 3: something stands behind the value; take it away"),
    ("1e999", "line 1, column 1: this number is beyond what a double holds"),
    ("nul", "line 1, column 1: a value is wanted here"),
    ("[[[[[1]]]]]", "line 1, column 5: lists and objects stand more than 4 deep"),
    ("[1,2,3,4,5,6,7,8,9,10]", "line 1, column 20: more than 10 values"),
  ])
  func `text that is not JSON is refused in its place`(_ text: String, _ wanted: String) {
    let refusal = #expect(throws: JSONRefusal.self) {
      try JSONParser.value(in: Array(text.utf8), limits: JSONLimits(bytes: 100, depth: 4, values: 10))
    }
    #expect(refusal?.description == wanted)
  }

  @Test func `numbers stay as their author wrote them and members are sorted`() throws {
    let value = try json(#"{"b": 1.0, "a": [1e2, -0.0, "\u00e9\n\u0001\""], "": null}"#)
    #expect(value.written == "{\"\":null,\"a\":[1e2,-0.0,\"é\\n\\u0001\\\"\"],\"b\":1.0}")
    #expect(try json(value.written) == value)
  }
}
