import Analysis
import PipelineModel
import Testing

// Rules whose answer has several parts: relative, by ranks, burn rates, budgets.

struct RuleTests {
  private func metric(_ rule: Metric.Rule) -> Metric {
    Metric(name: "m", provider: "p", query: Template(text: "q"), rule: rule)
  }

  private func answer(_ parts: [String: Answer]) -> Answer {
    .object(parts.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) })
  }

  // MARK: Relative

  private var relative: Judge {
    let ratio = Condition.binary(.less, .field(.value, "ratio"), .number(1.2))
    return Judge(metric(.relative(Relative(threshold: .init(pass: ratio), minimum: 100))))
  }

  private func values(_ canary: Double, _ control: Double, requests: Double = 1000) -> Answer {
    answer([
      "canary": .number(canary), "control": .number(control), "canary.all": .number(requests),
      "control.all": .number(1000),
    ])
  }

  @Test func `a value is judged by its ratio to the one beside it`() {
    #expect(relative.judge(values(0.22, 0.2)) == .pass)
    #expect(relative.judge(values(0.3, 0.2)) == .fail)
  }

  @Test func `too few requests, and a control of nothing, say nothing`() {
    #expect(relative.judge(values(0.3, 0.2, requests: 99)) == .noData)
    #expect(relative.judge(values(0.3, 0)) == .noData)
    #expect(relative.judge(answer([:])) == .noData)
    #expect(relative.judge(.number(1)) == .error)
  }

  // MARK: Ranks

  @Test func `two series are compared by ranks`() {
    let judge = Judge(metric(.rankSum(RankSum(direction: .increase))))
    func series(_ start: Double) -> Answer { .list((0..<30).map { .number(start + Double($0 * 7 % 30)) }) }
    #expect(judge.judge(answer(["canary": series(100), "control": series(100)])) == .pass)
    #expect(judge.judge(answer(["canary": series(500), "control": series(100)])) == .fail)
    #expect(judge.judge(answer(["canary": .list([]), "control": series(100)])) == .noData)
  }

  // MARK: Objectives

  private let objective = Objective(name: "availability", target: 0.999)

  private func windows(_ ratio: (Interval) -> Double?) -> Answer {
    var parts: [String: Answer] = [:]
    for window in objective.rules.flatMap({ [$0.long, $0.short] }) + [objective.window] {
      parts["all.\(window)"] = ratio(window) == nil ? .list([]) : .number(1_000_000)
      parts["bad.\(window)"] = .number((ratio(window) ?? 0) * 1_000_000)
    }
    return answer(parts)
  }

  @Test func `a budget that burns fast over both windows fails, over one it does not`() {
    let judge = Judge(metric(.burnRate(objective)))
    #expect(judge.judge(windows { _ in 0.0002 }) == .pass)
    #expect(judge.judge(windows { $0 <= .hours(1) ? 0.02 : 0.0002 }) == .fail)
    #expect(judge.judge(windows { $0 <= .minutes(5) ? 0.02 : 0.0002 }) == .pass)
    #expect(judge.judge(windows { _ in nil }) == .noData)
  }

  @Test func `what is left of a budget decides whether a change may begin`() {
    let feature = Judge(metric(.budget(objective, .feature)))
    #expect(feature.judge(windows { _ in 0.0005 }) == .pass)
    #expect(feature.judge(windows { _ in 0.0008 }) == .fail)
    #expect(feature.judge(windows { _ in nil }) == .noData)
    let security = Judge(metric(.budget(objective, .security)))
    #expect(security.judge(windows { _ in 0.1 }) == .pass)
    #expect(security.judge(windows { _ in nil }) == .pass)
  }

  @Test func `an objective may count good requests, or ask for a share`() {
    let judge = Judge(metric(.budget(objective, .feature)))
    func left(_ parts: [String: Answer]) -> Judgement {
      judge.judge(answer(Dictionary(uniqueKeysWithValues: parts.map { ("\($0.key).\(objective.window)", $0.value) })))
    }
    #expect(left(["good": .number(999_600), "all": .number(1_000_000)]) == .pass)
    #expect(left(["good": .number(990_000), "all": .number(1_000_000)]) == .fail)
    #expect(left(["good": .list([]), "all": .number(1_000_000)]) == .noData)
    #expect(left(["ratio": .number(0.0004)]) == .pass)
    #expect(left(["ratio": .number(0.002)]) == .fail)
    #expect(left(["ratio": .number(.nan)]) == .noData)
    #expect(left(["ratio": .list([])]) == .noData)
    #expect(left(["ratio": .number(3)]) == .error)
  }
}
