import Analysis
import Narrative
import PipelineModel
import Testing

// What somebody reads who was woken by a comparison of single values.

struct SampleSentenceTests {
  private func weighing(_ strength: SampleWeighing.Strength?) -> SampleWeighing {
    SampleWeighing(
      look: 7, canary: .init(count: 4100, estimate: 0.41), control: .init(count: 80_000, estimate: 0.24),
      strength: strength)
  }

  private let quantile = SampleComparing(SampleComparison(.quantile(0.99)), share: 1)
  private let mean = SampleComparing(SampleComparison(.mean), share: 1)

  @Test func `a failure says what of how many, against what, and how sure it is`() {
    #expect(
      weighing(.evidence(fail: 5, pass: 0)).sentence("latency", quantile, .fail)
        == "latency: 99% quantile 0.41 of 4 100 canary values against 0.24 of 80 000 beside it: worse (99%, look 7)")
    #expect(
      weighing(.bounds(atLeast: 1.4, below: 2)).sentence("latency", mean, .fail)
        .hasSuffix(
          "mean 0.41 of 4 100 canary values against 0.24 of 80 000 beside it: at least 1.4× worse (99%, look 7)"))
  }

  @Test func `a pass says what it is less than`() {
    #expect(
      weighing(.evidence(fail: 0, pass: 5)).sentence("latency", quantile, .pass)
        .hasSuffix("less than 1.5× as bad (95%, look 7)"))
    #expect(
      weighing(.bounds(atLeast: 0.9, below: 1.1)).sentence("latency", mean, .pass)
        .hasSuffix("less than 1.1× as bad (95%, look 7)"))
  }

  @Test func `what is undecided says what is known`() {
    #expect(
      weighing(.bounds(atLeast: 0.9, below: 1.7)).sentence("latency", mean, .inconclusive)
        .hasSuffix("undecided, between 0.9× and 1.7× as bad (look 7)"))
    #expect(
      weighing(.evidence(fail: 1, pass: 0)).sentence("latency", quantile, .inconclusive)
        .hasSuffix("undecided, evidence 2.72 of 100 that it is worse, evidence 1 of 20 that it is not (look 7)"))
    #expect(
      weighing(nil).sentence("latency", mean, .inconclusive)
        .hasSuffix("undecided, too few values to say anything, 100 of each are wanted (look 7)"))
  }
}
