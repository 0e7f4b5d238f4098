package import Flags
package import PipelineModel

/// A flag as it is, or was, from one change to the next.
package struct FlagRevision: Hashable, Sendable {
  package var name: FlagName
  /// 1, 2, 3 … of the flag, without gaps.
  package var number: Int64
  /// What made it of the one before.
  package var change: FlagChange
  /// The flag's flagd definition, JSON without spaces and with sorted members.
  package var definition: String
  /// Its `revision` is `number`.
  package var contract: FlagContract
  /// Pinned when the flag was made: another would put people into other buckets.
  package var generation: Generation
  /// It was switched off for a reason, and stays off until a person turns it on with one.
  package var isLatched: Bool
  /// It has done its work. Served no more, and changed no more.
  package var isArchived: Bool
  /// Who had asked for it before, where it waited for others or for its time; `nil`: it came about as it was asked for.
  package var asked: Asked?

  /// The proposal that a revision comes of.
  package struct Asked: Hashable, Sendable {
    package var proposal: Int64
    package var by: Principal
    package var reason: String?

    package init(_ proposal: Int64, by: Principal, reason: String? = nil) {
      self.proposal = proposal
      self.by = by
      self.reason = reason
    }
  }

  package init(
    name: FlagName, number: Int64, change: FlagChange, definition: String, contract: FlagContract = FlagContract(),
    generation: Generation = .standard, isLatched: Bool = false, isArchived: Bool = false,
    asked: Asked? = nil
  ) {
    self.name = name
    self.number = number
    self.change = change
    self.definition = definition
    self.contract = contract
    self.contract.revision = number
    self.generation = generation
    self.isLatched = isLatched
    self.isArchived = isArchived
    self.asked = asked
  }

  /// Why it is wanted, as whoever asked for it said: in the proposal it comes of, else with the act itself.
  package func reason(ofAct reason: String?) -> String? {
    if let asked { asked.reason } else { reason }
  }

  /// The one after it, the same but for what is changed of it.
  package func next(_ change: FlagChange, _ alter: (inout FlagRevision) -> Void = { _ in }) -> FlagRevision {
    var next = self
    next.number += 1
    next.change = change
    next.contract.approvals = []
    next.asked = nil
    alter(&next)
    next.contract.revision = next.number
    return next
  }
}

/// How a revision came about.
package enum FlagChange: Hashable, Sendable {
  case created, changed, turnedOn, turnedOff, archived, imported
  /// Turned off at once, without waiting for anybody, and latched.
  case killed
  /// To what an earlier revision said.
  case reverted(to: Int64)
  /// A run set how many have a variant.
  case stepped(FlagStep)
  /// A run turned the flag off instead of rolling its deployment back, and latched it.
  case switchedOff(run: RunID, effect: EffectID)
}

/// One step of a ramp: so many have one variant, at the cost or to the gain of its neighbour.
package struct FlagStep: Hashable, Sendable {
  package var run: RunID
  /// Of the run: the step is done once, however often it is asked for.
  package var effect: EffectID
  package var variant: String
  /// `nil`: the default variant.
  package var against: String?
  /// Of 100 000.
  package var weight: Int
  /// The flag stays so until a person turns it on: a gate said no.
  package var latches: Bool

  package init(
    run: RunID, effect: EffectID, variant: String, against: String? = nil, weight: Int, latches: Bool = false
  ) {
    self.run = run
    self.effect = effect
    self.variant = variant
    self.against = against
    self.weight = weight
    self.latches = latches
  }
}
