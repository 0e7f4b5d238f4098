package import Engine
package import PipelineModel

extension World {
  /// What a provider says to one of a metric's questions; `nil`: the metric has no such question.
  package mutating func measure(
    _ metric: Int, question: String, interval: Interval, at now: Timestamp
  ) -> (Reading, Interval)? {
    guard plan.pipeline.metrics[metric].questions.contains(where: { $0.name == question }) else { return nil }
    let (reading, delay) = measure(metric, interval: interval, at: now)
    guard case .answer(.object(let members)) = reading else { return (reading, delay) }
    return (.answer(members.first { $0.name == question }?.value ?? .null), delay)
  }

  /// An object with an answer to each question.
  mutating func answer(
    _ questions: [Question], _ metric: Int, _ candidate: Distribution, _ interval: Interval
  ) -> Answer {
    var counted: [Question.Side: Counted] = [:]
    var members: [Answer.Member] = []
    for question in questions {
      let window = question.interval ?? interval
      members.append(.init(name: question.name, value: answer(question.role, metric, candidate, window, &counted)))
    }
    return .object(members)
  }

  /// Requests of one arm within one look, so that the answers about it agree.
  private struct Counted {
    var bad, all: Double
    var sum = 0.0
    var squares = 0.0
  }

  /// How many points a look at one arm's value has: a series of a range, single requests of rules about them, else one.
  private func points(_ metric: Int, _ side: Question.Side, _ window: Interval) -> Int {
    let rule = plan.pipeline.metrics[metric]
    if let range = rule.range { return Int(clamping: range.over.milliseconds / max(1, range.step.milliseconds)) }
    return rule.samples == nil ? 1 : min(Self.mostValues, Int(requests(side, metric, window)))
  }

  /// Providers hand out a sample where there are more.
  private static let mostValues = 500
  /// In both arms together.
  private static let mostSummed = 20_000.0

  private mutating func series(_ shown: Distribution, _ count: Int, _ requests: Double) -> [Double] {
    (0..<count).compactMap { _ in shown.sample(requests: max(1, requests / Double(count)), &random) }
      .filter { _ in requests > 0 }
  }

  /// Of an arm's requests, or where there are very many, of the same share of both arms'.
  private mutating func sums(
    _ side: Question.Side, _ metric: Int, _ candidate: Distribution, _ window: Interval,
    _ counted: inout [Question.Side: Counted]
  ) -> Counted {
    if let arm = counted[side] { return arm }
    let all = requests(side, metric, window)
    let share = min(1, Self.mostSummed / max(1, traffic * window.seconds))
    let values = series(side == .canary ? candidate : stable[metric] ?? candidate, Int((all * share).rounded()), all)
    let arm = Counted(
      bad: 0, all: Double(values.count), sum: values.reduce(0, +), squares: values.reduce(0) { $0 + $1 * $1 })
    counted[side] = arm
    return arm
  }

  private mutating func answer(
    _ role: Question.Role, _ metric: Int, _ candidate: Distribution, _ window: Interval,
    _ counted: inout [Question.Side: Counted]
  ) -> Answer {
    switch role {
    case .bad(let side): return .number(count(side, metric, candidate, window, &counted).bad)
    case .all(let side):
      let isSummed = plan.pipeline.metrics[metric].questions.contains { $0.role == .sum(side) }
      return .number(
        isSummed
          ? sums(side, metric, candidate, window, &counted).all
          : count(side, metric, candidate, window, &counted).all)
    case .good(let side):
      let arm = count(side, metric, candidate, window, &counted)
      return .number(arm.all - arm.bad)
    case .value(let side):
      let shown = side == .canary ? candidate : stable[metric] ?? candidate
      let points = points(metric, side, window)
      guard points == 1 else { return .list(series(shown, points, requests(side, metric, window)).map(Answer.number)) }
      return shown.sample(requests: requests(side, metric, window), &random).map(Answer.number) ?? .list([])
    case .sum(let side): return .number(sums(side, metric, candidate, window, &counted).sum)
    case .squares(let side): return .number(sums(side, metric, candidate, window, &counted).squares)
    case .badOver, .goodOver, .allOver, .ratioOver: return overWindow(role, metric, candidate, window)
    }
  }

  /// All versions together, as they show now: the world has no past from before it began.
  private func overWindow(
    _ role: Question.Role, _ metric: Int, _ candidate: Distribution, _ window: Interval
  ) -> Answer {
    let all = traffic * window.seconds
    let share = traffic > 0 ? min(1, candidateTraffic(for: metric) / traffic) : 0
    let rate = share * candidate.badShare + (1 - share) * (stable[metric] ?? candidate).badShare
    return switch role {
    case .badOver: .number(all * rate)
    case .goodOver: .number(all * (1 - rate))
    case .ratioOver: all > 0 ? .number(rate) : .list([])
    case .bad, .good, .all, .value, .sum, .squares, .allOver: .number(all)
    }
  }

  private mutating func count(
    _ side: Question.Side, _ metric: Int, _ candidate: Distribution, _ window: Interval,
    _ counted: inout [Question.Side: Counted]
  ) -> Counted {
    if let arm = counted[side] { return arm }
    let all = requests(side, metric, window)
    let rate = (side == .canary ? candidate : stable[metric] ?? candidate).badShare
    let arm = Counted(bad: random.binomial(all, rate), all: all)
    counted[side] = arm
    return arm
  }

  private func requests(_ side: Question.Side, _ metric: Int, _ window: Interval) -> Double {
    let canary = candidateTraffic(for: metric)
    let rate = side == .canary ? canary : max(0, traffic - canary)
    return (rate * window.seconds).rounded()
  }
}

extension Distribution {
  /// The share of bad requests it stands for: of a ratio or a constant itself, of others their middle.
  fileprivate var badShare: Double {
    let share: Double =
      switch self {
      case .constant(let value), .ratio(let value): value
      case .normal(let mean, _): mean
      case .lognormal(let median, _): median
      case .uniform(let low, let high): (low + high) / 2
      }
    return min(1, max(0, share))
  }
}
