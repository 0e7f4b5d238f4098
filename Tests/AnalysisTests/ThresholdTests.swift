import Analysis
import PipelineModel
import Testing

// How `pass` and `fail` together judge one answer.

struct ThresholdTests {
  /// A judge of a metric with these rules.
  private static func judge(pass: Condition? = nil, fail: Condition? = nil) -> Judge {
    Judge(
      Metric(
        name: "m", provider: "p", query: Template(text: "q"), rule: .threshold(.init(pass: pass, fail: fail))))
  }

  private let onlyPass = Self.judge(pass: value < 0.5)
  private let onlyFail = Self.judge(fail: value > 0.8)
  private let both = Self.judge(pass: value < 0.5, fail: value > 0.8)

  @Test func `with pass alone, what does not pass fails`() {
    #expect(onlyPass.judge(.number(0.4)) == .pass)
    #expect(onlyPass.judge(.number(0.6)) == .fail)
  }

  @Test func `with fail alone, what does not fail passes`() {
    #expect(onlyFail.judge(.number(0.8)) == .pass)
    #expect(onlyFail.judge(.number(0.9)) == .fail)
  }

  @Test func `with both, what lies between is inconclusive`() {
    #expect(both.judge(.number(0.4)) == .pass)
    #expect(both.judge(.number(0.6)) == .inconclusive)
    #expect(both.judge(.number(0.9)) == .fail)
  }

  @Test func `where both hold, fail wins`() {
    #expect(Self.judge(pass: value < 1, fail: value > 0).judge(.number(0.5)) == .fail)
  }

  @Test(arguments: ConditionTests.missing)
  func `what is missing is never a pass`(answer: Answer) {
    for judge in [onlyPass, onlyFail, both] { #expect(judge.judge(answer) == .noData) }
  }

  @Test func `an answer of the wrong shape is an error, and the fault says why`() {
    let answer = Answer.list([.number(1), .number(2)])
    for judge in [onlyPass, onlyFail, both] {
      #expect(judge.judge(answer) == .error)
      #expect(judge.fault(in: answer) != nil)
    }
    #expect(onlyPass.fault(in: .number(1)) == nil)
  }

  @Test func `a clear failure is not hidden by a pass rule that does not fit the answer`() {
    let judge = Self.judge(pass: .field(value, "ok"), fail: value > 0.8)
    #expect(judge.judge(.number(0.9)) == .fail)
    #expect(judge.fault(in: .number(0.9)) == nil)
    #expect(judge.judge(.number(0.1)) == .error)
  }

  @Test func `a rule that names what is missing may fail on it`() {
    let judge = Self.judge(pass: value < 0.5, fail: .call(.isNaN, [value]))
    #expect(judge.judge(.number(.nan)) == .fail)
    #expect(judge.judge(.number(0.1)) == .pass)
  }

  @Test func `half a judgement is no data`() {
    let judge = Self.judge(
      pass: .field(value, "latency") < 0.5, fail: .field(value, "errors") > 0.01)
    let errorsOnly = Answer.object([.init(name: "errors", value: .number(0))])
    let latencyOnly = Answer.object([.init(name: "latency", value: .number(0.1))])
    #expect(judge.judge(errorsOnly) == .noData)
    #expect(judge.judge(latencyOnly) == .noData)
  }

  @Test func `a condition in its shortest form judges as the same one written the long way`() {
    let answers =
      ConditionTests.missing
      + [0, 0.4, 0.5, 0.6, 0.8, 0.9, -1].flatMap { [Answer.number($0), .list([.number($0)])] }
      + [.text("x"), .bool(true), .list([.number(1), .number(2)])]
    for rule in [value < 0.5, value >= 0.5, value > 0.8, equal(value, 0.5), unequal(value, 0.4)] {
      // Twice denied, it is no longer a plain comparison.
      let long = Condition.not(.not(rule))
      for answer in answers {
        #expect(Self.judge(pass: rule).judge(answer) == Self.judge(pass: long).judge(answer), "\(answer)")
        #expect(Self.judge(fail: rule).judge(answer) == Self.judge(fail: long).judge(answer), "\(answer)")
      }
    }
  }
}
