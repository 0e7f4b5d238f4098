import PipelineModel
import Testing

@testable import PipelineSyntax

/// The condition language: what a text means, and where it goes wrong.
@Suite struct ConditionTests {
  @Test(
    arguments: [
      ("value < 500ms", .binary(.less, .value, .number(0.5))),
      ("value <= 1h30m", .binary(.lessOrEqual, .value, .number(5400))),
      ("value>0.5%", .binary(.greater, .value, .number(0.005))),
      ("value >= 1.5k", .binary(.greaterOrEqual, .value, .number(1500))),
      ("value < 512MiB", .binary(.less, .value, .number(536_870_912))),
      ("value < 2.5e3", .binary(.less, .value, .number(2500))),
      ("value == 'ok'", .binary(.equal, .value, .text("ok"))),
      ("value.data[0].x != \"a\"", .binary(.unequal, .field(.index(.field(.value, "data"), 0), "x"), .text("a"))),
      (#"value["a b"] < 1"#, .binary(.less, .field(.value, "a b"), .number(1))),
      ("value.ok", .field(.value, "ok")),
      ("not value < 1", .not(.binary(.less, .value, .number(1)))),
      ("-value < -1", .binary(.less, .negate(.value), .negate(.number(1)))),
      ("all(value < 5)", .quantified(.all, over: .value, rule: .binary(.less, .element, .number(5)))),
      (
        "any(value.xs, it.y > 5)",
        .quantified(.any, over: .field(.value, "xs"), rule: .binary(.greater, .field(.element, "y"), .number(5)))
      ),
      (
        "default(last(value), 0) < 1",
        .binary(.less, .call(.default, [.call(.last, [.value]), .number(0)]), .number(1))
      ),
      (
        "value < 1 or value > 2 and not isNaN(value)",
        .binary(
          .or, .binary(.less, .value, .number(1)),
          .binary(.and, .binary(.greater, .value, .number(2)), .not(.call(.isNaN, [.value]))))
      ),
      (
        "value - 1 - 2 * 3 < 0",
        .binary(
          .less, .binary(.subtract, .binary(.subtract, .value, .number(1)), .binary(.multiply, .number(2), .number(3))),
          .number(0))
      ),
      (
        "all(value, any(it, it < 3))",
        .quantified(
          .all, over: .value, rule: .quantified(.any, over: .element, rule: .binary(.less, .element, .number(3))))
      ),
    ] as [(String, Condition)])
  func `a condition means what it says`(text: String, meaning: Condition) throws {
    #expect(try ConditionParser.parse(text).condition == meaning)
  }

  @Test(
    arguments: [
      ("value <", 7), ("value < 1 2", 10), ("value @ 2", 6), ("(value < 1", 0), ("value[x] < 1", 6), ("value. < 1", 5),
      ("'a' < value", 0), ("value and 3", 10), ("not 3", 4), ("all(3, it < 1)", 4), ("all(it, it < 1) ", 4),
      ("abs(true) < value", 4),
      ("value < 1 < 2", 10), ("true == 1 or value < 1", 8), ("value < 'a", 8), ("value < 1h2d", 10),
      ("1e999 < value", 0), ("value < 9007199254740993", 8),
      ("all(any(value, it < 1))", 0), ("value < 5MiB + 1s", 15),
    ] as [(String, Int)])
  func `a mistake has its column`(text: String, offset: Int) {
    #expect { try ConditionParser.parse(text) } throws: { ($0 as? ConditionMistake)?.offset == offset }
  }

  @Test func `neither brackets nor chains exhaust the parser`() {
    for text in [
      String(repeating: "(", count: 900) + "value", String(repeating: "-", count: 1900) + "value",
      "value" + String(repeating: " and value", count: 190), String(repeating: "not ", count: 400) + "value",
      "value" + String(repeating: "[0]", count: 600), String(repeating: "all(", count: 400) + "value",
      String(repeating: "9", count: 1999),
    ] {
      #expect(throws: ConditionMistake.self) { try ConditionParser.parse(text) }
    }
  }
}
