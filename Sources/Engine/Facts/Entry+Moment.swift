import PipelineModel

extension Entry {
  /// Whether the time line of a service shows it as it stands: what changed, who decided, what went wrong with a
  /// change; not the single looks of a gate. Incidents and freezes stand there by when they began and ended, not by
  /// their entries.
  ///
  /// A store keeps an index of these: what is counted in later is found from then on only.
  package var isMoment: Bool { fact.isMoment || decisions.contains(where: \.isMoment) }
}

extension Fact {
  fileprivate var isMoment: Bool {
    switch self {
    case .started, .begun, .shifted, .drifted, .acted, .refused, .superseded, .switchedOff, .overruled, .rebaselined,
      .flag, .displaced:
      true
    case .checked(_, let status, _): status != 0
    case .performed(_, let end, _): end != .passed
    case .freeze(.met), .freeze(.refused): true
    case .controllerStarted, .defined, .incident, .freeze, .audit, .measured, .deployed, .retired, .failed, .timePassed:
      false
    }
  }
}

extension Decision {
  fileprivate var isMoment: Bool {
    switch self {
    case .entered, .moved, .concluded, .held, .overrode, .approved, .reasserted, .restored, .stageFailed,
      .rollbackBegan,
      .escalated, .released, .ended, .switchesOff, .beganAnew:
      true
    case .skipped, .judged, .weighed, .sampled, .budgeted, .scored, .awaitsEvidence, .passed, .retrying, .abandoned,
      .recorded, .ignored:
      false
    }
  }
}
