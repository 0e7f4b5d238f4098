import Engine
import Narrative
import PipelineModel
import Testing

/// What a check printed stands in the time line: all of its end where it failed, small print where it passed.
@Suite struct OutputTests {
  private func told(_ status: Int, _ output: String) throws -> [Sentence] {
    let target = Target(service: "shop", environment: "test")
    let check = Check(command: Template(text: "make lint"), timeout: .minutes(1), retries: 0)
    var chronicle = Chronicle(
      plan: Plan(Pipeline(name: "shop", target: target, stages: [Stage(name: "lint", work: .check(check))])))
    var sentences: [Sentence] = []
    for fact in [
      Fact.started(Start(pipeline: "shop", target: target, version: "v2", slots: [])),
      .checked(EffectID(1), status: status, output: output),
    ] {
      sentences = try chronicle.take(Entry(time: Timestamp(milliseconds: 0), run: RunID(1), fact: fact))
    }
    return sentences
  }

  @Test func `a check that fails shows the end of what it printed`() throws {
    let told = try told(2, (1...30).map { "test \($0) failed\n" }.joined())
    #expect(told[0].text == "check \"lint\" ended with status 2: test 30 failed")
    let output = told.filter { $0.tone == .output }
    #expect(output.map(\.text) == (11...30).map { "  | test \($0) failed" })
  }

  @Test func `one line is told once`() throws {
    let told = try told(2, "make: no rule\n")
    #expect(told.first?.text == "check \"lint\" ended with status 2: make: no rule")
    #expect(!told.contains { $0.tone == .output })
  }

  @Test func `what a good check printed is small print`() throws {
    #expect(try told(0, "all fine\n").filter { $0.tone == .detail }.map(\.text) == ["  | all fine"])
  }
}
