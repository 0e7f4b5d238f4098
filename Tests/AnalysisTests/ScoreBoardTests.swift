import Analysis
import PipelineModel
import Testing

// A gate's score: made once every metric has been looked at, by Kayenta's groups and weights; low only for want of data
// it is neither a pass nor a failure.

struct ScoreBoardTests {
  private static func metric(_ name: String, _ groups: [String] = [], critical: Bool = true) -> Metric {
    Metric(
      name: name, provider: "p", query: Template(text: "q"), rule: .rankSum(RankSum(groups: groups)),
      critical: critical)
  }

  private static let metrics = [metric("errors", ["e"]), metric("p99", ["l"]), metric("p50", ["l"])]

  private static func gate(_ scoring: Scoring = Scoring(), _ metrics: [Int] = [0, 1, 2]) -> Gate {
    Gate(metrics: metrics, every: .minutes(1), score: scoring)
  }

  private func label(_ label: RankSumJudge.Label, critical: Bool = false) -> ScoreBoard.Ranked {
    .label(label, isCritical: critical, ratio: nil)
  }

  private func score(_ labels: [ScoreBoard.Ranked], _ scoring: Scoring = Scoring()) throws -> ScoreReport {
    var board = try #require(ScoreBoard(Self.gate(scoring), of: Self.metrics))
    var report: ScoreReport?
    for (metric, ranked) in labels.enumerated() { report = board.take(ranked, of: metric) }
    return try #require(report)
  }

  @Test func `a score is made of the last look of each metric, once all have been looked at`() throws {
    var board = try #require(ScoreBoard(Self.gate(), of: Self.metrics))
    #expect(board.take(label(.high), of: 0) == nil)
    #expect(board.take(label(.pass), of: 0) == nil)
    #expect(board.take(label(.pass), of: 1) == nil)
    let report = board.take(label(.high), of: 2)
    #expect(report?.summary == 75)
    #expect(report?.groups == [.init(name: "e", score: 100), .init(name: "l", score: 50)])
    #expect(board.take(label(.pass), of: 0) == nil)
  }

  @Test(arguments: [
    ([RankSumJudge.Label.pass, .pass, .pass], Judgement.pass), ([.pass, .high, .pass], .inconclusive),
    ([.pass, .high, .low], .fail), ([.high, .pass, .pass], .fail), ([.pass, .pass, .noData], .noData),
    ([.pass, .noData, .noData], .noData), ([.noData, .noData, .noData], .noData),
    ([.high, .noData, .noData], .fail), ([.pass, .noDataFail, .pass], .noData),
  ])
  func `groups count as Kayenta counts them, and want of data fails nothing`(
    labels: [RankSumJudge.Label], judgement: Judgement
  ) throws {
    #expect(try score(labels.map { label($0) }).judgement == judgement)
  }

  @Test func `a metric without data keeps the score from passing, unless its policy leaves it out`() throws {
    func judgement(_ policy: MissingPolicy) throws -> Judgement? {
      var metrics = Self.metrics
      metrics[2].onNoData = policy
      var board = try #require(ScoreBoard(Self.gate(), of: metrics))
      _ = board.take(label(.pass), of: 0)
      _ = board.take(label(.pass), of: 1)
      return board.take(label(.noData), of: 2)?.judgement
    }
    #expect(try judgement(.ignore) == .pass)
    #expect(try judgement(.hold) == .noData)
    #expect(try judgement(.fail) == .noData)
  }

  @Test func `weights move the score`() throws {
    let scoring = Scoring(weights: [.init(group: "e", percent: 90)])
    #expect(try score([label(.pass), label(.high), label(.high)], scoring).summary == 90)
    #expect(try score([label(.high), label(.pass), label(.pass)], scoring).summary == 10)
  }

  @Test func `a metric that must pass fails the gate alone`() throws {
    let report = try score([label(.pass), label(.pass), label(.high, critical: true)])
    #expect(report.summary == 0)
    #expect(report.judgement == .fail)
    // Of one that must pass and has no data nothing is known.
    #expect(try score([label(.noData, critical: true), label(.pass), label(.pass)]).judgement == .noData)
  }

  @Test func `an unanswered question leaves no score`() throws {
    let report = try score([label(.pass), .unanswered, label(.high)])
    #expect(report.summary == nil)
    #expect(report.judgement == .error)
  }

  @Test func `metrics that decide nothing count for nothing`() {
    let metrics = [Self.metric("errors", critical: false), Self.metrics[1]]
    #expect(ScoreBoard(Self.gate(Scoring(), [0, 1]), of: metrics)?.metrics == [1])
    #expect(ScoreBoard(Self.gate(Scoring(), [0]), of: metrics) == nil)
  }

  @Test func `the latest score says it all, and other metrics of the gate decide beside it`() throws {
    let gate = Self.gate()
    var board = try #require(ScoreBoard(gate, of: Self.metrics))
    let stakes = Self.metrics.map(\.stakes)
    let tallies = Self.metrics.map { _ in Tally() }
    #expect(board.verdict(gate, tallies, of: stakes) == .noData)
    for metric in 0..<3 { _ = board.take(label(metric == 1 ? .high : .pass), of: metric) }
    #expect(board.verdict(gate, tallies, of: stakes) == .inconclusive)
    for metric in 0..<3 { _ = board.take(label(.pass), of: metric) }
    #expect(board.verdict(gate, tallies, of: stakes) == .pass)
    for metric in 0..<3 { _ = board.take(label(.low), of: metric) }
    #expect(board.hasFailed(gate))
  }

  // MARK: Missing points

  @Test func `points without a value are left out or count as zero, and outliers go where that is asked`() {
    func judge(_ rule: RankSum) -> Judge {
      Judge(Metric(name: "m", provider: "p", query: Template(text: "q"), rule: .rankSum(rule)))
    }
    func series(_ value: (Int) -> Answer) -> Answer { .list((0..<40).map(value)) }
    let control = series { .number(100 + Double($0 * 7 % 40)) }
    let holes = series { $0 < 30 ? .null : .number(100 + Double($0 * 7 % 40)) }
    let answer = Answer.object([.init(name: "canary", value: holes), .init(name: "control", value: control)])
    #expect(judge(RankSum()).judge(answer) == .pass)
    #expect(judge(RankSum(missing: .zero)).judge(answer) == .fail)
    let empty = Answer.object([.init(name: "canary", value: .list([])), .init(name: "control", value: control)])
    #expect(judge(RankSum()).judge(empty) == .noData)
  }
}
