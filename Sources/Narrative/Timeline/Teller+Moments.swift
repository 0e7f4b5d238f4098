import Analysis
import Engine
import PipelineModel

extension Teller {
  /// What a time line of the run's service shows of the entry, in the run's own sentences.
  var moments: [Moment] {
    var told: [Moment] = []
    if let topic = entry.fact.topic, let sentence = happening { told.append(moment(topic, sentence)) }
    for decision in entry.decisions {
      if let topic = topic(of: decision), let sentence = tell(decision) { told.append(moment(topic, sentence)) }
      told += freezes(of: decision).map { moment(.freeze, $0) }
    }
    return told
  }

  /// What an error budget that is spent, or rebuilt, makes of the changes to come.
  private func freezes(of decision: Decision) -> [Sentence] {
    let target = run.start.target
    if case .concluded(let site, let verdict, _) = decision, verdict != .pass {
      return entry.decisions.compactMap { other in
        guard case .budgeted(site, let metric, let look) = other, look.ruling.freezes,
          case .budget(let objective, _) = plan.pipeline.metrics[metric].rule
        else { return nil }
        return say(.warning, "the error budget freezes \(target): \(look.sentence(objective))")
      }
    }
    if case .recorded(let record) = decision {
      let (before, after) = (Set(run.start.spent), Set(record.spent))
      return after.subtracting(before).sorted().compactMap {
        say(.warning, "the error budget of \($0) is spent: features to \(target) wait until it is rebuilt")
      }
        + before.subtracting(after).sorted().compactMap {
          say(.good, "the error budget of \($0) is rebuilt: features to \(target) may go again")
        }
    }
    return []
  }

  private func moment(_ topic: Moment.Topic, _ sentence: Sentence) -> Moment {
    let target = run.start.target
    return Moment(
      sequence: entry.sequence, topic: topic, run: run.id, services: [target.service],
      environment: target.environment, sentence: sentence)
  }

  private func topic(of decision: Decision) -> Moment.Topic? {
    switch decision {
    case .entered: .step
    case .moved(let stage, let move): if case .approve = plan.moves[stage][move] { .approval } else { nil }
    case .concluded(_, let verdict, _): verdict == .pass ? nil : .gate
    case .overrode, .stageFailed, .switchesOff, .beganAnew: .gate
    case .held: .hold
    case .approved: .approval
    case .reasserted, .restored: .drift
    case .rollbackBegan, .escalated, .released, .ended(.rolledBack): .rollback
    case .ended(.promoted), .ended(.failed), .ended(.aborted): .deployment
    case .skipped, .judged, .weighed, .sampled, .budgeted, .scored, .awaitsEvidence, .passed, .retrying, .abandoned,
      .recorded, .ignored:
      nil
    }
  }
}

extension Fact {
  fileprivate var topic: Moment.Topic? {
    switch self {
    case .started, .begun, .superseded: .deployment
    case .shifted: .step
    case .checked, .performed: .gate
    case .acted(.approve), .acted(.reject): .approval
    case .acted(.pause), .acted(.resume), .acted(.promote): .hold
    case .acted(.abort), .acted(.rollback): .rollback
    case .switchedOff, .overruled: .flag
    case .rebaselined: .gate
    case .refused: .refusal
    // Incidents and freezes are told by when they began and ended, flags are changed by entries of no run.
    case .controllerStarted, .defined, .incident, .freeze, .flag, .audit: nil
    case .measured, .drifted, .displaced, .deployed, .retired, .failed, .timePassed: nil
    }
  }
}
