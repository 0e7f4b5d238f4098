import Engine
import Narrative
import PipelineModel
import Testing

/// What a time line says of single measurements: the value as its author wrote the limits, and why it does not fit.
///
/// A canary of one step is told until its first look, which finds what each test says.
@Suite struct MeasurementTests {
  /// What the look itself says; a handover, if there is one, comes before it.
  private func told(_ reading: Reading) throws -> Sentence? { try sentences(of: reading).last }

  private func sentences(of reading: Reading) throws -> [Sentence] {
    let metric = Metric(
      name: "p95", provider: "metrics", query: Template(text: "p95"),
      rule: .threshold(.init(pass: .binary(.less, .value, .number(0.3)), passText: "value < 300ms")))
    let gate = Gate(metrics: [0], every: .minutes(1), allow: Allowance(failures: 1))
    let step = Canary.Step(weight: .all, hold: .minutes(5), gate: gate)
    let route = RouteName(router: "edge", route: "shop")
    let target = Target(service: "shop", environment: "test")
    let plan = Plan(
      Pipeline(
        name: "shop", target: target, metrics: [metric],
        stages: [Stage(name: "production", work: .canary(Canary(route: route, steps: [step])))]))
    var chronicle = Chronicle(plan: plan)
    let start = Start(pipeline: "shop", target: target, version: "v2", slots: [.green])
    let facts: [Fact] = [.started(start), .shifted(EffectID(1)), .measured(EffectID(2), reading)]
    var sentences: [Sentence] = []
    for (minute, fact) in facts.enumerated() {
      let time = Timestamp(milliseconds: Int64(minute) * 60_000)
      let decisions: [Decision] = minute == 2 ? [.judged(.move, metric: 0, judgement(of: reading))] : []
      sentences = try chronicle.take(Entry(time: time, run: RunID(1), fact: fact, decisions: decisions))
    }
    return sentences
  }

  private func judgement(of reading: Reading) -> Judgement {
    switch reading {
    case .answer(.number(let value)): value < 0.3 ? .pass : .fail
    case .answer(.list(let items)) where items.isEmpty: .noData
    case .noted(let answer, _): judgement(of: .answer(answer))
    case .answer, .failure: .error
    }
  }

  @Test func `a good value is small print`() throws {
    let sentence = try told(.answer(.number(0.18)))
    #expect(sentence?.tone == .detail)
    #expect(sentence?.text == "p95 180ms: pass")
  }

  @Test func `an answer from another provider says so, and why`() throws {
    let reading = Reading.noted(
      .number(0.645), .init(stand: .init(provider: "replica", because: "prom: circuit open since 14:02:11Z")))
    #expect(
      try told(reading)?.text
        == "p95 645ms (from fallback replica, since prom: circuit open since 14:02:11Z): fail (pass: value < 300ms)")
    let first = try #require(try sentences(of: reading).first)
    #expect(first.tone == .warning)
    #expect(
      first.text == "p95 is answered by the fallback replica from here, since prom: circuit open since 14:02:11Z")
  }

  @Test func `a good value that its own provider has a doubt about is no small print`() throws {
    let reading = Reading.noted(.number(0.18), .init(warnings: ["store 3 did not answer", "so it is partial"]))
    let sentence = try told(reading)
    #expect(sentence?.tone == .warning)
    #expect(
      sentence?.text == "p95 180ms (metrics warns: store 3 did not answer; so it is partial): pass")
  }

  @Test func `a bad value stands beside its limit`() throws {
    #expect(try told(.answer(.number(0.645)))?.text == "p95 645ms: fail (pass: value < 300ms)")
  }

  @Test func `nothing is told as nothing`() throws {
    #expect(try told(.answer(.list([])))?.text == "p95 gave an empty answer: no data")
  }

  @Test func `an answer of the wrong shape says why it does not fit`() throws {
    let text = try told(.answer(.list([.number(0.1), .number(0.2)])))?.text
    #expect(text?.hasPrefix("p95 [100ms, 200ms]: error (the query gave 2 values where one is wanted") == true)
  }
}
