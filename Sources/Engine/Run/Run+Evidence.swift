package import Analysis
import PipelineModel

extension Run {
  /// What a comparison has to say as things stand; `nil` for other metrics, and before the first look.
  package func weighing(of metric: Int) -> Weighing? {
    guard let comparing = plan.judges[metric].comparing, evidence.indices.contains(metric),
      evidence[metric] != Evidence()
    else { return nil }
    return comparing.weighing(evidence[metric])
  }

  /// The rule of a comparison, with its part of what may go wrong; `nil` for other metrics.
  package func comparing(_ metric: Int) -> Comparing? { plan.judges[metric].comparing }

  /// Judges a look and writes down what came of it. Comparisons judge it with the looks before, those of earlier steps
  /// of the stage included.
  mutating func judge(_ look: Effect, _ reading: Reading, _ reaction: inout Reaction) -> Judgement {
    guard case .measure(let site, let metric) = look.work else { return .error }
    let judge = plan.judges[metric]
    if judge.comparesArms { checkSplit(reading, look, metric) }
    guard judge.needsRun, let answer = reading.given else {
      let judgement = judge.judge(reading)
      reaction.decisions.append(.judged(site, metric: metric, judgement))
      if judge.needsRun, judge.ranking != nil { score(.unanswered, of: metric, at: site, &reaction) }
      return judgement
    }
    if judge.comparing != nil { return compare(answer, site, metric, &reaction) }
    if judge.sampling != nil { return compareSamples(answer, site, metric, &reaction) }
    if judge.budget != nil { return lookAtBudget(answer, site, metric, &reaction) }
    return rank(answer, site, metric, &reaction)
  }

  private mutating func compare(
    _ answer: Answer, _ site: GateSite, _ metric: Int, _ reaction: inout Reaction
  ) -> Judgement {
    makeRoomForEvidence()
    let (judgement, weighing) = plan.judges[metric].weigh(answer, isAlone: isAlone, &evidence[metric])
    reaction.decisions.append(.judged(site, metric: metric, judgement))
    if let weighing { reaction.decisions.append(.weighed(site, metric: metric, weighing)) }
    return judgement
  }

  private mutating func compareSamples(
    _ answer: Answer, _ site: GateSite, _ metric: Int, _ reaction: inout Reaction
  ) -> Judgement {
    makeRoomForEvidence()
    let judgement = plan.judges[metric].weighSamples(answer, isAlone: isAlone, &evidence[metric].samples)
    reaction.decisions.append(.judged(site, metric: metric, judgement))
    if judgement != .noData, judgement != .error, let weighing = sampleWeighing(of: metric) {
      reaction.decisions.append(.sampled(site, metric: metric, weighing))
    }
    return judgement
  }

  /// What is left of a budget is held against what the run is for, and against what was seen of it before.
  private mutating func lookAtBudget(
    _ answer: Answer, _ site: GateSite, _ metric: Int, _ reaction: inout Reaction
  ) -> Judgement {
    var seen = budgets ?? SpentBudgets(start.spent)
    let look = plan.judges[metric].lookAtBudget(answer, start.change, &seen)
    budgets = seen
    reaction.decisions.append(.judged(site, metric: metric, look?.judgement ?? .error))
    if let look { reaction.decisions.append(.budgeted(site, metric: metric, look)) }
    return look?.judgement ?? .error
  }

  private mutating func rank(
    _ answer: Answer, _ site: GateSite, _ metric: Int, _ reaction: inout Reaction
  ) -> Judgement {
    guard let ranked = plan.judges[metric].rank(answer) else { return .error }
    let judgement: Judgement =
      switch ranked {
      case .label(let label, _, _): label.judgement
      case .unanswered: .error
      }
    reaction.decisions.append(.judged(site, metric: metric, judgement))
    score(ranked, of: metric, at: site, &reaction)
    return judgement
  }

  private mutating func score(
    _ ranked: ScoreBoard.Ranked, of metric: Int, at site: GateSite, _ reaction: inout Reaction
  ) {
    // A question that nobody answered is left out where the metric's policy says so.
    var ranked = ranked
    if ranked == .unanswered, plan.stakes[metric].onError == .ignore {
      ranked = .label(.noData, isCritical: false, ratio: nil)
    }
    guard let report = scored(ranked, of: metric, at: site) else { return }
    reaction.decisions.append(.scored(site, report))
  }

  private mutating func makeRoomForEvidence() {
    if evidence.isEmpty { evidence = plan.judges.map { _ in Evidence() } }
  }

  /// What a comparison of single values has to say as things stand; `nil` for other metrics, and before the first look.
  package func sampleWeighing(of metric: Int) -> SampleWeighing? {
    guard let sampling = plan.judges[metric].sampling, evidence.indices.contains(metric),
      evidence[metric].samples.looks > 0
    else { return nil }
    return sampling.weighing(evidence[metric].samples)
  }

  /// The rule of a comparison of single values, with its part of what may go wrong; `nil` for other metrics.
  package func sampling(_ metric: Int) -> SampleComparing? { plan.judges[metric].sampling }

  /// Whether nothing runs beside the new version any more.
  private var isAlone: Bool { route.map { $0.wanted == .all } ?? false }

  /// The route of the stage in progress, or the one moved last.
  private var route: RouteState? { routeInPlay.map { routes[$0] } }

  private var routeInPlay: Int? {
    guard let stage = lastStage else { return nil }
    let named = plan.pipeline.stages[stage].route.flatMap { plan.routes.firstIndex(of: $0) }
    return named ?? routes.lastIndex { $0.moved }
  }

  private mutating func checkSplit(_ reading: Reading, _ look: Effect, _ metric: Int) {
    guard let (weight, tolerance) = checkedWeight(look, metric), let requests = reading.given?.requests else { return }
    makeRoomForEvidence()
    evidence[metric].checkSplit(requests, at: weight, tolerance: tolerance)
  }

  /// The weight to check the split against, and how far off it may be: one that was confirmed before the look's window
  /// began, a share of the traffic and not all of it.
  private func checkedWeight(_ look: Effect, _ metric: Int) -> (weight: Weight, tolerance: Double)? {
    guard case .measure(let site, _) = look.work, let routeInPlay, let every = judging(at: site)?.gate.every else {
      return nil
    }
    let asked = plan.pipeline.metrics[metric]
    let route = routes[routeInPlay]
    guard let weight = route.wanted, weight > .none, weight < .all, let since = route.confirmedAt,
      let tolerance = asked.splitTolerance(isFlag: plan.routes[routeInPlay].isFlag)
    else { return nil }
    let window = max(asked.interval ?? every, asked.range?.over ?? .zero)
    return look.notBefore - since >= window ? (weight, tolerance) : nil
  }

  /// Holds the run when the split of the traffic is not the one that was set, once for each weight.
  mutating func holdIfAstray(_ metric: Int, _ now: Timestamp, _ reaction: inout Reaction) {
    guard plan.stakes[metric].decides, evidence.indices.contains(metric), evidence[metric].split.isOff,
      case .working(let working) = phase, working.held == nil, let wanted = route?.wanted, astray != wanted
    else { return }
    astray = wanted
    let found = Weight(basisPoints: Int(((evidence[metric].split.share ?? 0) * 10_000).rounded()))
    hold(.split(wanted: wanted, found: found), now, &reaction)
  }

  /// Another share of the traffic, or another time of watching.
  mutating func beginStepOfEvidence() {
    for metric in evidence.indices { evidence[metric].beginStep() }
  }

  /// Other traffic, or other circumstances: what was seen before tells nothing about what comes.
  mutating func forgetEvidence() {
    evidence = []
    astray = nil
  }

  /// What a person went past is not held against the next gate.
  mutating func forgetEvidence(of site: GateSite) {
    guard !evidence.isEmpty, let gate = judging(at: site)?.gate else { return }
    for metric in gate.metrics { evidence[metric] = Evidence() }
  }
}

extension Judge {
  fileprivate func judge(_ reading: Reading) -> Judgement {
    if case .answer(let answer) = reading { return judge(answer) }
    return reading.given.map(judge) ?? .error
  }
}
