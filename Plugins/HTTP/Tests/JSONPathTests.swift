import PipelineModel
import PluginKit
import Testing

@testable import HTTPPlugin

/// A path leads where RFC 9535 says; a mistake in one is told with its column.
@Suite struct JSONPathTests {
  private static let document = """
    {"rate": 0.25, "off": false, "no": null, "a b": 1, "é": 2, "deep": {"p": {"q": [10, 20, 30]}},
     "versions": [{"name": "v1", "errors": 1, "code": 7}, {"name": "v2", "errors": 5, "code": 8},
                  {"name": "it's", "errors": 9}]}
    """

  @Test(arguments: [
    ("$.rate", Answer.number(0.25)), ("$['rate']", .number(0.25)), ("$[\"a b\"]", .number(1)), ("$.é", .number(2)),
    ("$.off", .bool(false)), ("$.no", .null), ("$.missing", .null), ("$.rate.deeper", .null), ("$.rate[0]", .null),
    ("$.deep.p.q[1]", .number(20)), ("$.deep.p.q[-1]", .number(30)), ("$.deep.p.q[3]", .null),
    ("$.deep.p.q[-4]", .null), ("$.deep.p.q[*]", .list([.number(10), .number(20), .number(30)])),
    ("$.deep.p.*", .list([.number(10), .number(20), .number(30)])),
    ("$.deep.p.q", .list([10, 20, 30].map(Answer.number))),
    ("$.versions[*].errors", .list([.number(1), .number(5), .number(9)])),
    ("$.versions[?@.name == 'v2'].errors", .number(5)), ("$.versions[?(@.name=='v2')].errors", .number(5)),
    ("$.versions[?@.name != \"v2\"].errors", .list([.number(1), .number(9)])),
    ("$.versions[?@.name == 'it\\'s'].errors", .number(9)), ("$.versions[?@.code == 8].name", .text("v2")),
    ("$.versions[?@.name == 'v3'].errors", .list([])), ("$.missing[*]", .list([])),
  ])
  func `a path leads to its part`(path: String, expected: Answer) throws {
    #expect(try JSONPath(path).part(of: try JSONReader.answer(in: Self.document.utf8)) == expected)
  }

  @Test(arguments: [
    ("", 1), ("rate", 1), ("$rate", 2), ("$.", 3), ("$..rate", 3), ("$.a b", 5), ("$[", 3), ("$[a]", 3), ("$[1", 4),
    ("$['a]", 6), ("$[?name]", 4), ("$[?@.a = 1]", 9), ("$[?@.a == x]", 11), ("$[?(@.a == 1]", 13), ("$[1:2]", 4),
  ])
  func `a mistake is told with its column`(path: String, column: Int) {
    let problem = #expect(throws: PathProblem.self) { try JSONPath(path) }
    #expect(problem?.column == column)
  }
}
