import Flags
package import PipelineModel

/// Something that happened to a flag. Each carries all that is true afterwards, so that the newest one of a flag, or of a
/// proposal, is enough to go on from.
package enum FlagFact: Hashable, Sendable {
  case revised(FlagRevision)
  /// A proposal was made, or something became of it.
  case proposal(FlagProposal)
  /// Somebody asked for something that could not be done. Changes nothing.
  case refused(FlagAct, because: String)
  /// A step of a run that could not be done. Changes nothing.
  case stepRefused(FlagName, FlagStep, because: String)
}

extension FlagFact {
  /// `nil` of what is about a proposal that is not known.
  package var name: FlagName? {
    switch self {
    case .revised(let revision): revision.name
    case .proposal(let proposal): proposal.revision.name
    case .refused(let act, _): act.name
    case .stepRefused(let name, _, _): name
    }
  }
}

extension FlagFact {
  /// The services that read the flag, by what was agreed about it; empty where that is not known.
  package var services: [String] {
    switch self {
    case .revised(let revision): revision.contract.services
    case .proposal(let proposal): proposal.revision.contract.services
    case .refused, .stepRefused: []
    }
  }
}
