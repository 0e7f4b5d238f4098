import Analysis
import PipelineModel
import Testing

// How `pass` and `fail` together judge one answer.

struct ThresholdTests {
  private let onlyPass = Metric.Threshold(pass: value < 0.5)
  private let onlyFail = Metric.Threshold(fail: value > 0.8)
  private let both = Metric.Threshold(pass: value < 0.5, fail: value > 0.8)

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
    #expect(Metric.Threshold(pass: value < 1, fail: value > 0).judge(.number(0.5)) == .fail)
  }

  @Test(arguments: ConditionTests.missing)
  func `what is missing is never a pass`(answer: Answer) {
    for threshold in [onlyPass, onlyFail, both] { #expect(threshold.judge(answer) == .noData) }
  }

  @Test func `an answer of the wrong shape is an error, and the fault says why`() {
    let answer = Answer.list([.number(1), .number(2)])
    for threshold in [onlyPass, onlyFail, both] {
      #expect(threshold.judge(answer) == .error)
      #expect(threshold.fault(in: answer) != nil)
    }
    #expect(onlyPass.fault(in: .number(1)) == nil)
  }

  @Test func `a clear failure is not hidden by a pass rule that does not fit the answer`() {
    let threshold = Metric.Threshold(pass: .field(value, "ok"), fail: value > 0.8)
    #expect(threshold.judge(.number(0.9)) == .fail)
    #expect(threshold.fault(in: .number(0.9)) == nil)
    #expect(threshold.judge(.number(0.1)) == .error)
  }

  @Test func `a rule that names what is missing may fail on it`() {
    let threshold = Metric.Threshold(pass: value < 0.5, fail: .call(.isNaN, [value]))
    #expect(threshold.judge(.number(.nan)) == .fail)
    #expect(threshold.judge(.number(0.1)) == .pass)
  }

  @Test func `half a judgement is no data`() {
    let threshold = Metric.Threshold(
      pass: .field(value, "latency") < 0.5, fail: .field(value, "errors") > 0.01)
    let errorsOnly = Answer.object([.init(name: "errors", value: .number(0))])
    let latencyOnly = Answer.object([.init(name: "latency", value: .number(0.1))])
    #expect(threshold.judge(errorsOnly) == .noData)
    #expect(threshold.judge(latencyOnly) == .noData)
  }

  @Test func `a metric made ready judges as its rule does`() {
    let answers =
      ConditionTests.missing
      + [0, 0.4, 0.5, 0.6, 0.8, 0.9, -1].flatMap { [Answer.number($0), .list([.number($0)])] }
      + [.text("x"), .bool(true), .list([.number(1), .number(2)])]
    let twice = Metric.Threshold(pass: .binary(.and, value < 0.5, value > 0), fail: unequal(value, 0.4))
    for threshold in [onlyPass, onlyFail, both, twice, .init(pass: value >= 0.5), .init(fail: equal(value, 0.5))] {
      let metric = Metric(name: "m", provider: "p", query: Template(text: "q"), rule: .threshold(threshold))
      for answer in answers { #expect(Judge(metric).judge(answer) == threshold.judge(answer), "\(answer)") }
    }
  }
}
