package import PipelineModel

/// Something that happened, in the past tense. Facts are all that ever enters the engine, and the journal is a list of
/// them: a fold of a run's facts gives its state, its effects and its decisions again.
///
/// What is rare and long is indirect, since every measurement is passed about in the same few words.
package enum Fact: Hashable, Sendable {
  // MARK: Of the store

  /// A controller opened the store for driving.
  case controllerStarted(epoch: Int64, in: StoreIdentity? = nil)
  /// The text of a pipeline, verbatim. Runs refer to it by this entry's sequence number.
  indirect case defined(pipeline: String, path: String, text: String)
  /// An incident was reported, or is over.
  indirect case incident(IncidentFact)
  /// A freeze was declared or ended, or a change met one.
  indirect case freeze(FreezeFact)
  /// Somebody signed for the journal, read of it, or moved old entries out of it.
  indirect case audit(AuditFact)

  // MARK: Of flags

  /// Something happened to a flag. Of no run, also when a run brought it about.
  indirect case flag(FlagFact)

  // MARK: Of a run

  /// Always the first fact of a run.
  indirect case started(Start)
  /// The turn of a run that waited has come: the target is free. With what it runs now, the candidate's slots, and the
  /// objectives whose budgets are spent, since the run before may have changed all of these.
  case begun(stable: String?, slots: [Slot], spent: [String] = [])
  case measured(EffectID, Reading)
  /// The router was read back and has what was asked: the weight, the mirror, the header route.
  case shifted(EffectID)
  /// The router was found with another weight than was set.
  case drifted(route: Int, found: Weight)
  /// The router was found with another mirror or header route than was set.
  case displaced(route: Int, Extra)
  case deployed(EffectID)
  case retired(EffectID)
  /// A command ended: its exit status and the last of its output.
  indirect case checked(EffectID, status: Int, output: String)
  /// A step ended: what came of it, and the last of its output.
  indirect case performed(EffectID, StepEnd, output: String)
  /// An effect did not do what it was to do.
  indirect case failed(EffectID, Failure)
  /// A time the run had asked to be woken at has come.
  case timePassed
  /// Somebody asked for something, and it was done.
  case acted(Act)
  /// Somebody asked for something that could not be done now. Changes nothing.
  case refused(Act, because: String)
  /// The flag that a failed gate asked to be switched off is off.
  case switchedOff(EffectID)
  /// Somebody changed a flag that the run moves: who and why, with the share that the run's variant has now; `nil`: that
  /// cannot be told any more.
  indirect case overruled(route: Int, found: Weight?, because: String)
  /// Another run began, or ended, that what is measured may come from.
  case rebaselined(by: RunID)
  /// A newer run of the same target takes this one's place.
  case superseded(by: RunID)
}

/// What a person may do to a run.
package enum Act: Hashable, Sendable {
  /// With the roles the person holds.
  case approve(roles: [String])
  case reject
  case pause, resume
  case promote(Promotion)
  /// Stop, and take back whatever traffic was moved.
  case abort
  case rollback

  package enum Promotion: String, Hashable, Sendable, CaseIterable {
    /// On from here to the next step or stage, past whatever holds it.
    case step
    /// Past every gate and hold that is still to come. Checks and approvals stand.
    case all
  }
}

/// What came of a measurement.
package enum Reading: Hashable, Sendable {
  case answer(Answer)
  /// With what must be known of it.
  indirect case noted(Answer, Notes)
  case failure(Failure)

  package struct Notes: Hashable, Sendable {
    /// The provider that answered in another one's stead; `nil`: the one that was asked.
    package var stand: Stand?
    /// What the provider said against its own answer, such as that it is not the whole one.
    package var warnings: [String]

    package struct Stand: Hashable, Sendable {
      package var provider: String
      /// Why the one that was asked did not.
      package var because: String
      package init(provider: String, because: String) {
        self.provider = provider
        self.because = because
      }
    }

    package init(stand: Stand? = nil, warnings: [String] = []) {
      self.stand = stand
      self.warnings = warnings
    }
  }
}

extension Act {
  /// What follows "asked to".
  package var verb: String {
    switch self {
    case .approve: "approve"
    case .reject: "reject"
    case .pause: "pause"
    case .resume: "resume"
    case .promote: "promote"
    case .abort: "abort"
    case .rollback: "roll back"
    }
  }
}
