extension Fact {
  /// The names of the facts, as the journal has them.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case controllerStarted, defined
    case started, begun, measured, shifted, drifted, deployed, retired, checked, failed, timePassed
    case acted, refused, superseded
    case switchedOff, overruled, rebaselined
    case incident, freeze
    case flagRevised, flagProposal, flagRefused, flagStepRefused
    case displaced, performed
    case audit
  }

  package var kind: Kind {
    switch self {
    case .controllerStarted: .controllerStarted
    case .defined: .defined
    case .started: .started
    case .begun: .begun
    case .measured: .measured
    case .shifted: .shifted
    case .drifted: .drifted
    case .deployed: .deployed
    case .retired: .retired
    case .checked: .checked
    case .failed: .failed
    case .timePassed: .timePassed
    case .acted: .acted
    case .refused: .refused
    case .superseded: .superseded
    case .switchedOff: .switchedOff
    case .overruled: .overruled
    case .rebaselined: .rebaselined
    case .incident: .incident
    case .freeze: .freeze
    case .flag(.revised): .flagRevised
    case .flag(.proposal): .flagProposal
    case .flag(.refused): .flagRefused
    case .flag(.stepRefused): .flagStepRefused
    case .displaced: .displaced
    case .performed: .performed
    case .audit: .audit
    }
  }
}
