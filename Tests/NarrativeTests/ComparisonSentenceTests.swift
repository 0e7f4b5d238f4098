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

  @Test func `beyond the limit says the limit`() {
    let text = weighing { $0.isBeyondLimit = true }.sentence("errors", comparing, .fail)
    #expect(text.hasSuffix("more than the 10% that are allowed at most (look 7)"))
  }

  @Test func `bursts and a stray split are told`() {
    let text = weighing { ($0.dispersion, $0.strayShare) = (2.5, 0.001) }.sentence("errors", comparing, .fail)
    #expect(text.contains("bursts are allowed for, 2.5 times as much is asked"))
    #expect(text.contains("it gets 0.1% of the requests, not what was set"))
  }
}
