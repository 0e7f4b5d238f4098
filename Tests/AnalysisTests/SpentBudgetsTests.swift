import Analysis
import PipelineModel
import Testing

// What is remembered of budgets: spent they stay so until enough is rebuilt, and only exceptions go meanwhile.

struct SpentBudgetsTests {
  private let objective = Objective(name: "availability", target: 0.999)

  private func judge(_ change: ChangeKind = .feature) -> Judge {
    Judge(Metric(name: "b", provider: "p", query: Template(text: "q"), rule: .budget(objective, change)))
  }

  private func left(_ share: Double) -> Answer {
    .object([
      .init(name: "bad.\(objective.window)", value: .number((1 - share) * 1000)),
      .init(name: "all.\(objective.window)", value: .number(1_000_000)),
    ])
  }

  @Test func `spent once, a budget stays spent for features until half of it is rebuilt`() {
    var spent = SpentBudgets()
    let rulings = [0.6, 0.3, 0.2, -0.1, 0.1, 0.3, 0.49, 0.51, 0.3].map {
      judge().lookAtBudget(left($0), nil, &spent)?.ruling
    }
    #expect(
      rulings == [
        .allowed, .allowed, .frozen, .exhausted, .rebuilding, .rebuilding, .rebuilding, .allowed, .allowed,
      ])
  }

  @Test(arguments: [ChangeKind.emergency, .security, .reliability])
  func `exceptions go ahead, and what they see is remembered`(change: ChangeKind) {
    var spent = SpentBudgets()
    let look = judge().lookAtBudget(left(-1), change, &spent)
    #expect(look?.judgement == .pass)
    #expect(look?.change == change)
    #expect(spent.spent == ["availability"])
  }

  @Test func `what a run claims goes before what the pipeline says`() {
    var spent = SpentBudgets(["availability"])
    #expect(judge(.security).lookAtBudget(left(0.3), .feature, &spent)?.judgement == .fail)
    #expect(judge(.security).lookAtBudget(left(0.3), nil, &spent)?.judgement == .pass)
  }

  @Test func `what could not be measured changes nothing, and allows no feature`() {
    var spent = SpentBudgets(["availability"])
    let nothing = Answer.object([.init(name: "all.30d", value: .list([]))])
    #expect(judge().lookAtBudget(nothing, nil, &spent)?.ruling == .unknown)
    #expect(judge().lookAtBudget(.text("x"), nil, &spent) == nil)
    #expect(spent.spent == ["availability"])
  }

  @Test func `objectives are remembered each by itself, in order`() {
    var spent = SpentBudgets(["z", "a"])
    spent.see(objective, left: 0)
    #expect(spent.spent == ["a", "availability", "z"])
    spent.see(objective, left: 0.5)
    #expect(spent.spent == ["a", "z"])
    spent.see(objective, left: nil)
    #expect(!spent.contains("availability"))
  }
}
