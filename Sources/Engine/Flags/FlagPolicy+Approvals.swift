import Flags
package import PipelineModel

extension FlagPolicy.Environment {
  /// How many approvals a change needs, and, where that depends on it, who is reckoned to move. Where nobody can tell, it
  /// may be many.
  package func approvals(
    from old: FlagRevision?, to new: FlagRevision, at now: Timestamp
  ) -> (needed: Int, movers: FlagProposal.Movers?) {
    guard let rule = movers else { return (approvals, nil) }
    let movers = FlagProposal.Movers(Reckoning(from: old, to: new, at: now))
    let isMany = movers.isUnclear || movers.share > rule.above.fraction
    return (isMany ? max(approvals, rule.approvals) : approvals, movers)
  }
}

extension FlagRevision {
  /// The flag as a ramp takes it to where it leads: what the whole of it moves, and not one of its steps, decides on the
  /// approvals that it needs.
  package func ramped(by ramp: FlagRamp, to weight: Weight? = nil) throws(Refusal) -> FlagRevision {
    var definition = try parsed()
    let weight = weight ?? ramp.steps.map(\.weight).max() ?? .none
    do {
      try definition.step(
        ramp.variant, to: weight.basisPoints * (RampSplit.sum / Weight.all.basisPoints), against: ramp.from)
    } catch {
      throw Refusal("\(name) cannot ramp: \(error.description)")
    }
    if weight > .none, definition.targeting == nil || definition.isOnlySplit { definition.state = .enabled }
    var ramped = self
    ramped.definition = definition.canonical
    return ramped
  }
}
