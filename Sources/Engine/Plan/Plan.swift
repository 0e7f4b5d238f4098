import Analysis
package import PipelineModel

/// A pipeline made ready to run: every stage as a list of moves. Shared by all runs of the pipeline.
///
/// Two plans are equal when they are the same object.
package final class Plan: Sendable {
  package let pipeline: Pipeline
  /// The moves of each stage, at least one each.
  package let moves: [[Move]]
  /// The routes that are moved, in the order of the stages.
  package let routes: [RouteName]
  /// What requests are routed by beside their shares, in the order of the stages.
  package let headers: [HeaderMatch]
  /// What a run of it takes for itself; see `Pipeline.lane`.
  package let lane: Target
  /// Whether it changes flags and no version.
  package let isRamp: Bool
  /// What holds for each stage beside its moves.
  let terms: [StageTerms]
  /// The pipeline's metrics, ready to judge.
  let judges: [Judge]
  /// Whether anything looks at two versions, so that the split of the traffic is checked.
  let comparesAnything: Bool
  let stakes: [Stakes]

  package init(_ pipeline: Pipeline) {
    self.pipeline = pipeline
    let routes = pipeline.routes
    self.routes = routes
    lane = pipeline.lane
    isRamp = pipeline.isRamp
    let moves = pipeline.stages.map { Move.moves(of: $0, routes: routes) }
    self.moves = moves
    headers = moves.joined().reduce(into: []) { headers, move in
      if case .headerRoute(_, let header?) = move, !headers.contains(header) { headers.append(header) }
    }
    var terms: [StageTerms] = []
    for (stage, moves) in zip(pipeline.stages, moves) { terms.append(StageTerms(stage, moves, after: terms.last)) }
    self.terms = terms
    judges = pipeline.metrics.indices.map { index in
      Judge(pipeline.metrics[index], shareOfError: pipeline.shareOfError(of: index))
    }
    comparesAnything = judges.contains(where: \.comparesArms)
    stakes = pipeline.metrics.map(\.stakes)
  }

  /// The gate at a site of a move.
  package func gate(_ site: GateSite, stage: Int, move: Int) -> Gate? {
    switch site {
    case .background: terms[stage].background
    case .move: moves[stage][move].gate
    }
  }

  /// Whether a watch is its stage's last: there the background gate must have passed too.
  func isLastWatch(stage: Int, move: Int) -> Bool { terms[stage].lastWatch == move }
}

extension Plan: Hashable {
  package static func == (a: Plan, b: Plan) -> Bool { a === b }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// What holds for a whole stage.
struct StageTerms: Hashable, Sendable {
  /// How long after its entry the stage has failed, whatever it does: its deadline, or an approval's expiry before it.
  var patience: Interval
  /// When an approval lapses; `nil` for other stages.
  var expires: Interval?
  /// The gate that judges the whole stage, if there is one.
  var background: Gate?
  /// The background gate is that of the stage before: it goes on judging while people make up their minds.
  var inheritsBackground: Bool
  /// The move before which the background gate begins: the one after the stage's first shift, since there is nothing
  /// to judge before it.
  var backgroundStart: Int?
  var lastWatch: Int?
  /// It moves traffic, so that what was seen of other traffic tells nothing about it.
  var beginsAnew: Bool

  init(_ stage: Stage, _ moves: [Move], after previous: StageTerms?) {
    if case .approve(let approval) = stage.work { expires = approval.expires }
    patience = min(stage.deadline, expires ?? stage.deadline)
    inheritsBackground = expires != nil && previous?.background != nil
    background = inheritsBackground ? previous?.background : stage.background
    let shift = moves.firstIndex { if case .shift = $0 { true } else { false } }
    backgroundStart = shift.map { $0 + 1 }
    beginsAnew = stage.movesTraffic
    lastWatch = moves.lastIndex { if case .watch = $0 { true } else { false } }
  }
}
