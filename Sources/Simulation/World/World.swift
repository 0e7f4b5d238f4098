package import Engine
package import PipelineModel

/// The world a pipeline is tried in, with a truth of its own: routers with weights, versions with error rates, backends
/// that fail. What a run believes is checked against it.
package struct World: Sendable {
  package let plan: Plan
  let takes: WorldModel.Delays
  private let preview: Double
  var traffic: Double
  /// What each metric of the pipeline shows for each version; `nil`: the world does not know the metric.
  var stable: [Distribution?]
  var candidate: [Distribution?]
  /// The last value of each metric, for answers that do not move any more.
  private var latest: [Double?]
  var random: Random

  /// The candidate's true share on each route.
  package internal(set) var weights: [Weight]
  /// The share of each route's requests that is copied to the candidate.
  package internal(set) var mirrors: [Weight]
  /// The requests of each route that go to the candidate whatever its share.
  package internal(set) var headers: [HeaderMatch?]
  /// Whether the candidate is up somewhere.
  package internal(set) var isDeployed = false
  /// Flags that were switched off for good, by their keys.
  package internal(set) var flagsOff: Set<String> = []
  /// What each metric looks at; `nil` where no flag is ramped, and all look at the candidate.
  private let subjects: [Subject]?

  var providerFaults = Faults<ScenarioEvent.ProviderFault>()
  var routerFaults = Faults<ScenarioEvent.RouterFault>()
  var deployerFaults = Faults<ScenarioEvent.DeployerFault>()
  var flagFaults = Faults<ScenarioEvent.FlagFault>()
  var checks: [String: ScenarioEvent.CheckFault] = [:]
  var steps: [String: ScenarioEvent.StepFault] = [:]

  package init(_ model: WorldModel, plan: Plan, seed: UInt64) {
    self.plan = plan
    takes = model.takes
    preview = model.preview
    traffic = model.traffic
    random = Random(seed: seed)
    weights = plan.routes.map { _ in .none }
    mirrors = weights
    headers = weights.map { _ in nil }
    stable = plan.pipeline.metrics.map { model.stable[$0.name] }
    subjects = plan.routes.contains(where: \.isFlag) ? plan.pipeline.metrics.map(Subject.init) : nil
    latest = stable.map { _ in nil }
    candidate = stable
    change(&candidate, model.canary)
  }

  /// Requests a second that reach what a metric is about: the candidate, copies and those that try it out included, or a
  /// flag's variant.
  func candidateTraffic(for metric: Int) -> Double {
    guard let subjects else { return traffic(of: weights.max() ?? .none, copied: mirrors.max() ?? .none) }
    var (share, copied) = (Weight.none, Weight.none)
    for (index, route) in plan.routes.enumerated() where subjects[metric].includes(route) {
      share = max(share, weights[index])
      copied = max(copied, mirrors[index])
    }
    return subjects[metric] == .variant ? traffic * share.fraction : traffic(of: share, copied: copied)
  }

  /// Requests a second that reach a candidate with a share, or are copied to it or try it out before it has one.
  private func traffic(of share: Weight, copied: Weight) -> Double {
    if share > .none { return traffic * share.fraction }
    return traffic * copied.fraction + (isDeployed || headers.contains { $0 != nil } ? preview : 0)
  }

  func change(_ distributions: inout [Distribution?], _ changes: [String: Change]) {
    guard !changes.isEmpty else { return }
    for (index, metric) in plan.pipeline.metrics.enumerated() {
      guard let change = changes[metric.name], let base = stable[index] else {
        if case .become(let new)? = changes[metric.name] { distributions[index] = new }
        continue
      }
      distributions[index] = (distributions[index] ?? base).changed(by: change, of: base)
    }
  }

  // MARK: Measuring

  /// What a provider says of a metric of the candidate, and how long it takes to say it.
  package mutating func measure(_ metric: Int, interval: Interval, at now: Timestamp) -> (Reading, Interval) {
    if let fault = providerFaults.fault(of: plan.pipeline.metrics[metric].provider, at: now) {
      return answer(of: fault, plan.pipeline.metrics[metric].provider, metric)
    }
    guard let distribution = candidate[metric] else {
      return (.failure(Failure(.rejected, "the world has no metric \"\(plan.pipeline.metrics[metric].name)\"")), .zero)
    }
    let questions = plan.pipeline.metrics[metric].questions
    guard questions.isEmpty else { return (.answer(answer(questions, metric, distribution, interval)), takes.provider) }
    let requests = (candidateTraffic(for: metric) * interval.seconds).rounded()
    guard let value = distribution.sample(requests: requests, &random) else {
      return (.answer(.list([])), takes.provider)
    }
    latest[metric] = value
    return (.answer(.number(value)), takes.provider)
  }

  private func answer(
    of fault: ScenarioEvent.ProviderFault, _ provider: String, _ metric: Int
  ) -> (Reading, Interval) {
    switch fault {
    case .timeout: (.failure(Failure(.transient, "\(provider): no answer within 10s")), .seconds(10))
    case .refuse: (.failure(Failure(.transient, "\(provider): connection refused")), .zero)
    case .error: (.failure(Failure(.transient, "\(provider): HTTP 500")), takes.provider)
    case .empty: (.answer(.list([])), takes.provider)
    case .nan: (.answer(.number(.nan)), takes.provider)
    case .stale: (.answer(latest[metric].map(Answer.number) ?? .list([])), takes.provider)
    }
  }
}
