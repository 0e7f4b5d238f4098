import Analysis
import Controller
import Engine
import PipelineModel
import PipelineSyntax

/// What a provider has on record of the traffic beside a new version, for plans.
struct ProviderRecord {
  let pipeline: Pipeline
  let provider: String
  let range: Metric.Range
  /// Values of the names in queries.
  let values: [String: String]
  let backends: Backends
  let now: Timestamp

  /// The comparisons that ask this provider.
  private var metrics: [Metric] { pipeline.metrics.filter { $0.comparison != nil && $0.provider == provider } }

  /// - Throws: `Stop` when nothing here asks the provider, or it does not answer, or has nothing on record.
  func traffic() throws -> UsualTraffic {
    guard !metrics.isEmpty else {
      throw Stop(
        code: .wrongUsage,
        description: "no comparison of \(pipeline.name) asks \(provider), so it has nothing to plan from")
    }
    var traffic = UsualTraffic()
    for metric in metrics {
      let bad = try counted(metric, [.bad(.control), .good(.control)])
      let all = try counted(metric, [.all(.control)])?.values
      guard let all, let bad else { throw nothing(metric) }
      guard let recorded = RecordedTraffic(points(bad, all)) else { throw nothing(metric) }
      traffic.metrics[metric.name] = .init(recorded)
    }
    return traffic
  }

  private func nothing(_ metric: Metric) -> Stop {
    Stop.unknown(
      "\(provider) has no requests on record for \(metric.name) within \(range.over), or none of them was bad; "
        + "does its `control` find what runs now?")
  }

  /// Where a point of one series is missing nobody can tell which: then the bad ones are spread over all.
  private func points(_ bad: Counted, _ all: [Double]) -> [RecordedTraffic.Point] {
    let seconds = range.step.seconds
    if bad.values.count == all.count {
      return zip(all, bad.values).map { all, value in
        .init(seconds: seconds, all: all, bad: bad.isGood ? max(0, all - value) : min(all, value))
      }
    }
    let whole = all.reduce(0, +)
    let sum = bad.isGood ? max(0, whole - bad.values.reduce(0, +)) : bad.values.reduce(0, +)
    return all.map { .init(seconds: seconds, all: $0, bad: whole > 0 ? $0 * min(1, sum / whole) : 0) }
  }

  private struct Counted {
    var values: [Double]
    var isGood: Bool
  }

  private func counted(_ metric: Metric, _ roles: [PipelineModel.Question.Role]) throws -> Counted? {
    guard let question = metric.questions.first(where: { roles.contains($0.role) }) else { return nil }
    let isGood = if case .good = question.role { true } else { false }
    return Counted(values: try ask(metric, question), isGood: isGood)
  }

  private func ask(_ metric: Metric, _ question: PipelineModel.Question) throws -> [Double] {
    guard let text = question.text.filled({ values[$0] }) else {
      let unknown = question.text.variables.first { values[$0] == nil } ?? ""
      throw Stop(
        code: .wrongUsage, description: "nothing is known to fill ${\(unknown)} with; give --set \(unknown)=…")
    }
    let (backends, provider, range, now) = (backends, provider, range, now)
    let answered = Waiting<Result<Answer, Failure>>.result {
      do throws(Failure) {
        return .success(try await backends.series(of: provider, metric.name, text, range, at: now))
      } catch {
        return .failure(error)
      }
    }
    switch answered {
    case .success(let answer)?: return answer.numbers
    case .failure(let failure)?: throw Stop.unknown("\(provider): \(failure.message) (\(failure.kind.rawValue))")
    case nil: return []
    }
  }
}

extension Answer {
  /// The numbers of a series; what is none counts as none.
  fileprivate var numbers: [Double] {
    switch self {
    case .number(let value): value.isFinite ? [value] : []
    case .list(let items): items.flatMap(\.numbers)
    case .null, .bool, .text, .object: []
    }
  }
}
