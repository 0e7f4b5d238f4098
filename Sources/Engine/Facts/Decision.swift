package import Analysis
package import PipelineModel

/// What the engine concluded from a fact. Kept in the journal beside the fact, so that the log explains itself, and so
/// that a replay can show that it concludes the same.
///
/// What is long is indirect, since every look passes its judgement about in the same few words.
package enum Decision: Hashable, Sendable {
  case entered(stage: Int)
  /// A step of the stage begins: see `Plan.moves`.
  case moved(stage: Int, move: Int)
  /// A step of the stage was left out: nobody knows the version that ran before, so it is not taken down, since a
  /// rollback could not bring it up again.
  case skipped(stage: Int, move: Int)
  case judged(GateSite, metric: Int, Judgement)
  /// What all looks of a comparison say together, this one included.
  indirect case weighed(GateSite, metric: Int, Weighing)
  /// The same of a comparison of single values.
  indirect case sampled(GateSite, metric: Int, SampleWeighing)
  /// What is left of an error budget, and what that allows.
  indirect case budgeted(GateSite, metric: Int, BudgetLook)
  /// A gate's score after a round of looks.
  indirect case scored(GateSite, ScoreReport)
  /// The gate decided, with what each of its metrics had to say.
  case concluded(GateSite, Verdict, [MetricReport])
  /// The hold is over and the gate still lacks evidence: it stays, and goes on asking.
  case awaitsEvidence(GateSite, Verdict)
  /// Stays as it is until a person decides.
  case held(Cause)
  /// A person went past a gate that said this.
  case overrode(GateSite, Verdict)
  case approved(have: Int, of: Int)
  case passed(stage: Int)
  case retrying(EffectID, attempt: Int, at: Timestamp)
  /// The router forgot its weight and is told again.
  case reasserted(route: Int, Weight)
  /// The same of its mirror or header route.
  case restored(route: Int, Extra)
  case stageFailed(stage: Int, Cause)
  /// A gate failed, and the flag that the stage names for that is switched off first.
  case switchesOff(stage: Int, Cause)
  /// What was measured so far does not count any more: gates and the time of the step begin anew.
  case beganAnew
  case rollbackBegan(Cause)
  /// A rollback does not get through, and a person must look. It goes on trying.
  case escalated(EffectID, attempt: Int)
  /// Something left over could not be taken down; the traffic is safe.
  case abandoned(EffectID)
  /// The engine could not follow the run any more, and a person freed its target. Its traffic was left as it was.
  case released
  case ended(Outcome)
  /// What the run's target runs now, as the fleet took the end of the run. Always the last of an entry that ends one; the
  /// only decision that is not of the run itself, so a fold of the run alone does not give it.
  indirect case recorded(TargetRecord)
  /// The fact came too late to matter, or twice.
  case ignored
}

extension Decision {
  /// Whether a fold of the run alone gives it.
  package var isOfTheRun: Bool { if case .recorded = self { false } else { true } }
}

/// What one metric of a gate had to say when the gate decided.
package struct MetricReport: Hashable, Sendable {
  package var metric: Int
  package var verdict: Verdict
  package var passes: Int
  package var failures: Int
  package var inconclusive: Int
  package var noData: Int
  package var errors: Int
  /// The last number measured.
  package var last: Double?

  package init(
    metric: Int, verdict: Verdict, passes: Int = 0, failures: Int = 0, inconclusive: Int = 0, noData: Int = 0,
    errors: Int = 0, last: Double? = nil
  ) {
    self.metric = metric
    self.verdict = verdict
    self.passes = passes
    self.failures = failures
    self.inconclusive = inconclusive
    self.noData = noData
    self.errors = errors
    self.last = last
  }
}

/// Why a stage failed, a run is held, or a rollback began.
package enum Cause: Hashable, Sendable {
  case gate(GateSite, Verdict)
  case stageDeadline, runDeadline
  indirect case effect(EffectID, Failure)
  case check(EffectID, status: Int)
  /// A step that did not pass.
  case step(EffectID, StepEnd)
  case rejected, expired
  case aborted, asked
  case superseded(by: RunID)
  /// The traffic is not split as it was set.
  case split(wanted: Weight, found: Weight)
  /// Somebody changed the flag that the run moves.
  indirect case overruled(found: Weight?, because: String)
}

package enum Outcome: String, Hashable, Sendable, CaseIterable {
  /// Every stage passed.
  case promoted
  /// Traffic had been moved, and has been taken back.
  case rolledBack
  /// A stage failed before any traffic was moved.
  case failed
  /// A person, or a newer run, ended it before any traffic was moved.
  case aborted
}
