import Engine
import PipelineModel
import Testing

@testable import Narrative

// How often something is tried, as it is told: of as many times as it really is.

@Suite struct RetryTests {
  private static let target = Target(service: "shop", environment: "production")

  /// What is told of a run with these stages when the last of these facts happens to the effect that is awaited.
  private func told(_ stages: [Stage], _ facts: [(EffectID) -> Fact]) throws -> [String] {
    let plan = Plan(Pipeline(name: "checkout", target: Self.target, metrics: [], stages: stages))
    let start = Start(pipeline: "checkout", target: Self.target, version: "v7", stable: "v6", slots: [.green])
    var reaction = Reaction()
    var run = Run(
      id: RunID(41), plan: plan, start: start, by: .person("alice"), at: Timestamp(milliseconds: 0), into: &reaction)
    var before = run
    var entry = Entry(time: Timestamp(milliseconds: 0), run: run.id, fact: .started(start))
    for (index, fact) in facts.enumerated() {
      reaction.clear()
      before = run
      entry.time = Timestamp(milliseconds: Int64(index) * 60_000)
      entry.fact = fact(run.pending.first?.id ?? EffectID(0))
      try run.apply(entry.fact, by: .controller, at: entry.time, into: &reaction)
    }
    entry.decisions = reaction.decisions
    return Teller(plan: plan, before: before, run: run, entry: entry).sentences.map(\.text)
  }

  private let step = Stage(
    name: "smoke", work: .step(StepCall(step: StepName(runner: "qa", step: "smoke"), retries: 1)))
  private let check = Stage(name: "tests", work: .check(Check(command: Template(text: "make test"), retries: 2)))
  private let canary = canary()

  private static func canary(deploy: String? = nil) -> Stage {
    let steps = [Canary.Step(weight: .percent(5), hold: .minutes(2)), .init(weight: .all, hold: .zero)]
    let route = RouteName(router: "edge", route: "shop")
    return Stage(name: "canary", work: .canary(Canary(route: route, deploy: deploy, steps: steps)))
  }

  private static func noAnswer(_ id: EffectID) -> Fact { .failed(id, Failure(.transient, "no answer")) }

  @Test func `what has ended badly is tried as often as its stage says`() throws {
    let failed = try told([step, canary], [{ .performed($0, .failed, output: "") }])
    #expect(failed.last?.hasSuffix("(attempt 2 of 2)") == true, "\(failed)")
    let checked = try told([check, canary], [{ .checked($0, status: 1, output: "") }])
    #expect(checked.last?.hasSuffix("(attempt 2 of 3)") == true, "\(checked)")
  }

  @Test func `what did not come about is tried five times`() throws {
    let failed = try told([step, canary], [Self.noAnswer])
    #expect(failed.last?.hasSuffix("(attempt 2 of 5)") == true, "\(failed)")
  }

  @Test func `a rollback goes on trying, its clean-up does not`() throws {
    let shifting = try told([canary], [{ .shifted($0) }, { _ in .acted(.abort) }, Self.noAnswer])
    #expect(shifting.last?.hasSuffix("(attempt 2, and on until it succeeds)") == true, "\(shifting)")
    let cleaning = try told([Self.canary(deploy: "kube")], [{ _ in .acted(.abort) }, Self.noAnswer])
    #expect(cleaning.last?.hasSuffix("(attempt 2 of 5)") == true, "\(cleaning)")
  }
}
