import Analysis
import PipelineModel
import Testing

// What a condition says about an answer, in three values. Conditions are built by hand: how they are written is shown
// by the tests of PipelineSyntax. Units never occur here, since the model holds base units only.

struct ConditionTests {
  static let missing: [Answer] = [
    .number(.nan), .number(.infinity), .number(-.infinity), .null, .list([]), .list([.null]), .list([.number(.nan)]),
  ]

  @Test func `a number is compared as it is`() throws {
    #expect(try (value < 0.5).truth(of: .number(0.4)) == .yes)
    #expect(try (value < 0.5).truth(of: .number(0.5)) == .no)
    #expect(try (value <= 0.5).truth(of: .number(0.5)) == .yes)
    #expect(try (value > 0.5).truth(of: .number(0.5)) == .no)
    #expect(try (value >= 0.5).truth(of: .number(0.5)) == .yes)
    #expect(try equal(value, 3).truth(of: .number(3)) == .yes)
    #expect(try unequal(value, 3).truth(of: .number(3)) == .no)
  }

  @Test func `one series in a list is that number`() throws {
    #expect(try (value < 1).truth(of: .list([.number(0.5)])) == .yes)
  }

  @Test(arguments: missing)
  func `what is missing makes every comparison unknown, also when negated`(answer: Answer) throws {
    for rule in [value < 1, value <= 1, value > 1, value >= 1, equal(value, 1), unequal(value, 1)] {
      #expect(try rule.truth(of: answer) == .unknown)
      #expect(try Condition.not(rule).truth(of: answer) == .unknown)
    }
  }

  @Test(arguments: missing)
  func `what is missing stays missing through arithmetic and aggregates`(answer: Answer) throws {
    let terms: [Condition] = [
      .binary(.add, value, 1), .binary(.multiply, value, 0), .negate(value), .call(.abs, [value]),
      .call(.max, [value]), .call(.min, [value]), .call(.avg, [value]), .call(.sum, [value]), .call(.first, [value]),
      .call(.last, [value]),
    ]
    for term in terms { #expect(try (term < 1).truth(of: answer) == .unknown, "\(term)") }
  }

  @Test func `dividing by nothing is no evidence`() throws {
    let ratio = Condition.binary(.divide, .field(value, "bad"), .field(value, "all"))
    #expect(try (ratio < 0.01).truth(of: object(bad: 0, all: 0)) == .unknown)
    #expect(try (ratio < 0.01).truth(of: object(bad: 1, all: 0)) == .unknown)
    #expect(try (ratio < 0.01).truth(of: object(bad: 1, all: 1000)) == .yes)
  }

  @Test func `an aggregate is unknown as soon as one of its values is`() throws {
    for hole in [Double.nan, .infinity, -.infinity] {
      let answer = Answer.list([.number(0.1), .number(hole)])
      for function in [Condition.Function.max, .min, .avg, .sum] {
        #expect(try (.call(function, [value]) < 1).truth(of: answer) == .unknown, "\(function) \(hole)")
        #expect(try (.call(function, [value]) > 0).truth(of: answer) == .unknown, "\(function) \(hole)")
      }
    }
  }

  @Test func `and, or and not follow Kleene`() throws {
    let truths: [(Condition, Truth)] = [(.bool(true), .yes), (.bool(false), .no), (value < 1, .unknown)]
    for (a, first) in truths {
      for (b, second) in truths {
        #expect(try Condition.binary(.and, a, b).truth(of: .null) == and(first, second))
        #expect(try Condition.binary(.or, a, b).truth(of: .null) == or(first, second))
      }
    }
  }

  @Test func `all and any over nothing are unknown`() throws {
    for quantifier in Condition.Quantifier.allCases {
      for answer in [Answer.list([]), .null] {
        let rule = Condition.quantified(quantifier, over: value, rule: .element < 1)
        #expect(try rule.truth(of: answer) == .unknown)
        #expect(try Condition.not(rule).truth(of: answer) == .unknown)
      }
    }
  }

  @Test func `all holds for each, any for one, and a hole leaves open what the rest does not settle`() throws {
    let all = Condition.quantified(.all, over: value, rule: .element < 1)
    let any = Condition.quantified(.any, over: value, rule: .element < 1)
    #expect(try all.truth(of: numbers(0.1, 0.2)) == .yes)
    #expect(try all.truth(of: numbers(0.1, 2)) == .no)
    #expect(try all.truth(of: numbers(0.1, .nan)) == .unknown)
    #expect(try all.truth(of: numbers(2, .nan)) == .no)
    #expect(try any.truth(of: numbers(2, 0.2)) == .yes)
    #expect(try any.truth(of: numbers(2, 3)) == .no)
    #expect(try any.truth(of: numbers(2, .nan)) == .unknown)
    #expect(try any.truth(of: numbers(0.1, .nan)) == .yes)
  }

  @Test func `fields and elements are found, and those that are not there are missing`() throws {
    let answer = Answer.object([.init(name: "rows", value: numbers(1, 2))])
    #expect(try equal(.index(.field(value, "rows"), 1), 2).truth(of: answer) == .yes)
    #expect(try equal(.index(.field(value, "rows"), 9), 2).truth(of: answer) == .unknown)
    #expect(try equal(.field(value, "columns"), 2).truth(of: answer) == .unknown)
    #expect(try equal(.index(.field(value, "columns"), 0), 2).truth(of: answer) == .unknown)
  }

  @Test func `texts and yes-or-nos are compared with their own kind`() throws {
    let answer = Answer.object([
      .init(name: "state", value: .text("green")), .init(name: "ready", value: .bool(true)),
    ])
    #expect(try equal(.field(value, "state"), .text("green")).truth(of: answer) == .yes)
    #expect(try unequal(.field(value, "state"), .text("green")).truth(of: answer) == .no)
    #expect(try equal(.field(value, "state"), .field(value, "state")).truth(of: answer) == .yes)
    #expect(try equal(.field(value, "ready"), .bool(true)).truth(of: answer) == .yes)
    #expect(try Condition.field(value, "ready").truth(of: answer) == .yes)
    #expect(try equal(.field(value, "none"), .text("green")).truth(of: answer) == .unknown)
    #expect(throws: TypeFault.self) { try equal(.field(value, "state"), 1).truth(of: answer) }
    #expect(throws: TypeFault.self) { try (.field(value, "state") < .text("a")).truth(of: answer) }
  }

  @Test func `only isNaN and default look at what is missing`() throws {
    for answer in Self.missing {
      #expect(try Condition.call(.isNaN, [value]).truth(of: answer) == .yes)
      #expect(try equal(.call(.default, [value, 7]), 7).truth(of: answer) == .yes)
    }
    #expect(try Condition.call(.isNaN, [value]).truth(of: .number(1)) == .no)
    #expect(try equal(.call(.default, [value, 7]), 1).truth(of: .number(1)) == .yes)
    #expect(try equal(.call(.len, [value]), 0).truth(of: .null) == .unknown)
    #expect(try equal(.call(.default, [.call(.len, [value]), 0]), 0).truth(of: .null) == .yes)
    #expect(try equal(.call(.count, [value]), 2).truth(of: numbers(1, 2)) == .yes)
  }

  @Test func `an answer of the wrong shape is a fault that says what came`() {
    let two = #expect(throws: TypeFault.self) { try (value < 1).truth(of: numbers(1, 2)) }
    #expect(two?.description.contains("2 values where one is wanted") == true)
    let text = #expect(throws: TypeFault.self) { try (value < 1).truth(of: .text("<html>")) }
    #expect(text?.description == "the answer is text, not a number")
    #expect(throws: TypeFault.self) { try (.field(value, "a") < 1).truth(of: .number(1)) }
    #expect(throws: TypeFault.self) { try Condition.value.truth(of: .number(1)) }
  }

  private func and(_ a: Truth, _ b: Truth) -> Truth {
    a == .no || b == .no ? .no : a == .yes && b == .yes ? .yes : .unknown
  }

  private func or(_ a: Truth, _ b: Truth) -> Truth {
    a == .yes || b == .yes ? .yes : a == .no && b == .no ? .no : .unknown
  }

  private func object(bad: Double, all: Double) -> Answer {
    .object([.init(name: "bad", value: .number(bad)), .init(name: "all", value: .number(all))])
  }

  private func numbers(_ values: Double...) -> Answer { .list(values.map(Answer.number)) }
}
