import Analysis
import Narrative
import PipelineModel
import Testing

// What somebody reads who was woken by a comparison.

struct ComparisonSentenceTests {
  private let comparing = Comparing(Comparison(limit: 0.1), share: 1)

  private func weighing(_ change: (inout Weighing) -> Void = { _ in }) -> Weighing {
    var weighing = Weighing(
      look: 7, canary: ArmCounts(bad: 41, all: 10_210), control: ArmCounts(bad: 190, all: 193_400), logFail: 6.2,
      logPass: -3.1, atLeast: 1.6)
    change(&weighing)
    return weighing
  }

  @Test func `a failure says by how much, and how sure it is`() {
    #expect(
      weighing().sentence("errors", comparing, .fail)
        == "41 errors in 10 210 canary requests against 190 in 193 400 beside it: at least 1.6× worse (99%, look 7)")
  }

  @Test func `a pass says what it is less than`() {
    let text = weighing { $0.below = 1.4 }.sentence("errors", comparing, .pass)
    #expect(text.hasSuffix("beside it: less than 1.4× as bad (95%, look 7)"))
  }

  @Test func `what is undecided says what is there and what is wanted`() {
    let text = weighing { ($0.logFail, $0.logPass) = (1, 0) }.sentence("errors", comparing, .inconclusive)
    #expect(text.contains("undecided, evidence 2.72 of 111 that it is worse, evidence 1 of 20 that it is not (look 7)"))
  }

  @Test func `beyond the limit says the limit, and the rail's own counts`() {
    let text = weighing { ($0.isBeyondLimit, $0.control) = (true, ArmCounts()) }.sentence("errors", comparing, .fail)
    #expect(text == "41 errors in 10 210 canary requests: more than the 10% that are allowed at most (look 7)")
  }

  @Test func `a canary alone is told of by itself`() {
    let alone = weighing { ($0.since, $0.control) = (46, ArmCounts()) }
    #expect(
      alone.sentence("errors", comparing, .pass)
        == "since look 46, 41 errors in 10 210 canary requests: within the 10% that are allowed at most (look 7)")
  }

  @Test func `a fault that began late says with which look`() {
    let text = weighing { ($0.since, $0.look) = (31, 33) }.sentence("errors", comparing, .fail)
    #expect(text.hasPrefix("since look 31, 41 errors in 10 210 canary requests against 190"))
    #expect(text.hasSuffix("at least 1.6× worse (99%, look 33)"))
  }

  @Test func `next to nothing bad says so`() {
    let text = weighing { $0.isNegligible = true }.sentence("errors", comparing, .pass)
    #expect(text.hasSuffix("beside it: fewer than 0.01%, which is negligible (95%, look 7)"))
  }

  @Test func `a want of counts says what would mend it`() {
    let empty = Answer.list([])
    let metric = Metric(name: "errors", provider: "p", query: Template(text: "q"), rule: .comparison(Comparison()))
    func answer(_ all: Answer) -> Answer {
      .object([
        .init(name: "canary.bad", value: empty), .init(name: "canary.all", value: all),
        .init(name: "control.bad", value: empty), .init(name: "control.all", value: all),
      ])
    }
    #expect(metric.phrase(of: answer(empty)) == "has no requests to compare")
    #expect(metric.phrase(of: answer(.number(50)))?.contains("write `missing: zero`") == true)
  }

  @Test func `bursts and a stray split are told`() {
    let text = weighing { ($0.dispersion, $0.strayShare) = (2.5, 0.001) }.sentence("errors", comparing, .fail)
    #expect(text.contains("bursts are allowed for, 2.5 times as much is asked"))
    #expect(text.contains("it gets 0.1% of the requests, not what was set"))
  }
}
