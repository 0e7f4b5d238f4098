import Analysis
import Engine
import PipelineModel

// Facts are chosen by a full switch, so that a new kind stops the build here until it is made too.

extension Arbitrary {
  mutating func fact() -> Fact {
    switch pick(Fact.Kind.allCases) {
    case .controllerStarted:
      .controllerStarted(
        epoch: integer(), in: pick([nil, StoreIdentity(name: text(), purpose: "real")]))
    case .defined: .defined(pipeline: text(), path: text(), text: text())
    case .started: .started(start())
    case .begun:
      .begun(
        stable: chance() ? text() : nil, slots: list(upTo: 3) { $0.pick(Slot.allCases) },
        spent: list(upTo: 2) { $0.text() })
    case .measured:
      .measured(
        effect(),
        chance() ? .answer(answer()) : chance() ? .noted(answer(), notes()) : .failure(failure()))
    case .shifted: .shifted(effect())
    case .drifted: .drifted(route: Int(integer()), found: weight())
    case .deployed: .deployed(effect())
    case .retired: .retired(effect())
    case .checked: .checked(effect(), status: Int(integer()), output: text())
    case .performed: .performed(effect(), pick(StepEnd.allCases), output: text())
    case .displaced: .displaced(route: Int(integer()), pick(Extra.allCases))
    case .failed: .failed(effect(), failure())
    case .timePassed: .timePassed
    case .acted: .acted(act())
    case .refused: .refused(act(), because: text())
    case .superseded: .superseded(by: run())
    case .switchedOff: .switchedOff(effect())
    case .overruled: .overruled(route: Int(integer()), found: chance() ? weight() : nil, because: text())
    case .rebaselined: .rebaselined(by: run())
    case .incident: .incident(incidentFact())
    case .flagRevised: .flag(.revised(revision()))
    case .flagProposal: .flag(.proposal(proposal()))
    case .flagRefused: .flag(.refused(flagAct(), because: text()))
    case .flagStepRefused: .flag(.stepRefused(flagName(), step(), because: text()))
    case .freeze: .freeze(freezeFact())
    case .audit: .audit(audit())
    }
  }

  /// At least one: an answer of which nothing must be known is written as one.
  mutating func notes() -> Reading.Notes {
    let stand = chance() ? Reading.Notes.Stand(provider: text(), because: text()) : nil
    let warnings = list(upTo: 2) { $0.text() }
    return Reading.Notes(stand: stand, warnings: stand == nil && warnings.isEmpty ? [text()] : warnings)
  }

  mutating func incidentFact() -> IncidentFact {
    switch below(4) {
    case 0: .opened(incident())
    case 1: .closed(incident(), at: time())
    case 2: .refused(.close(integer(), at: chance() ? time() : nil), because: text())
    default:
      .refused(
        .open(
          IncidentReport(
            title: text(), services: list(upTo: 3) { $0.text() }, environment: chance() ? text() : nil,
            severity: pick(Incident.Severity.allCases), since: chance() ? time() : nil)), because: text())
    }
  }

  mutating func freezeFact() -> FreezeFact {
    switch below(5) {
    case 0: .started(freeze())
    case 1: .ended(freeze())
    case 2:
      .met(
        freeze(),
        FreezeMeeting(
          text(), services: list(upTo: 2) { $0.text() }, environment: text(), pick(FreezeMeeting.Outcome.allCases)))
    case 3: .refused(.end(integer()), because: text())
    default:
      .refused(
        .start(
          FreezePlan(
            title: text(), services: list(upTo: 3) { $0.text() }, environment: chance() ? text() : nil,
            from: chance() ? time() : nil, until: chance() ? time() : nil, starts: pick(Freeze.Starts.allCases),
            exceptions: list(upTo: 3) { $0.pick(ChangeKind.allCases) })), because: text())
    }
  }

  mutating func freeze() -> Freeze {
    Freeze(
      number: integer(), title: text(), services: list(upTo: 3) { $0.text() }, environment: chance() ? text() : nil,
      from: time(), until: chance() ? time() : nil, starts: pick(Freeze.Starts.allCases),
      exceptions: list(upTo: 3) { $0.pick(ChangeKind.allCases) })
  }

  mutating func incident() -> Incident {
    Incident(
      number: integer(), title: text(), services: list(upTo: 3) { $0.text() }, environment: chance() ? text() : nil,
      severity: pick(Incident.Severity.allCases), since: time())
  }

  mutating func start() -> Start {
    Start(
      definition: integer(), pipeline: text(), target: Target(service: text(), environment: text()), version: text(),
      stable: chance() ? text() : nil,
      parameters: list(upTo: 3) { Start.Binding(name: $0.text(), value: $0.text()) },
      slots: list(upTo: 3) { $0.pick(Slot.allCases) }, seed: next(), queued: chance(),
      change: chance() ? pick(ChangeKind.allCases) : nil, spent: list(upTo: 2) { $0.text() },
      ramps: list(upTo: 2) {
        .init(
          key: $0.text(), generation: $0.text(), services: $0.list(upTo: 2) { $0.text() },
          revision: $0.chance() ? $0.integer() : nil)
      })
  }

  mutating func act() -> Act {
    switch below(8) {
    case 0: .approve(roles: list(upTo: 2) { $0.text() })
    case 1: .reject
    case 2: .pause
    case 3: .resume
    case 4: .promote(.step)
    case 5: .promote(.all)
    case 6: .abort
    default: .rollback
    }
  }

  mutating func answer(depth: Int = 0) -> Answer {
    switch below(depth > 4 ? 4 : 6) {
    case 0: .number(double())
    case 1: .null
    case 2: .bool(chance())
    case 3: .text(text())
    case 4: .list(list(upTo: 3) { $0.answer(depth: depth + 1) })
    default: .object(list(upTo: 3) { .init(name: $0.text(), value: $0.answer(depth: depth + 1)) })
    }
  }

  mutating func site() -> GateSite { pick(GateSite.allCases) }
  mutating func verdict() -> Verdict { pick(Verdict.allCases) }

  mutating func decision() -> Decision {
    switch below(27) {
    case 20: .switchesOff(stage: Int(integer()), cause())
    case 21: .beganAnew
    case 22: .sampled(site(), metric: Int(integer()), sampleWeighing())
    case 23: .budgeted(site(), metric: Int(integer()), budgetLook())
    case 24: .scored(site(), score())
    case 25: .restored(route: Int(integer()), pick(Extra.allCases))
    case 19: .weighed(site(), metric: Int(integer()), weighing())
    case 0: .entered(stage: Int(integer()))
    case 1: .moved(stage: Int(integer()), move: Int(integer()))
    case 2: .judged(site(), metric: Int(integer()), pick(Judgement.allCases))
    case 3: .concluded(site(), verdict(), list(upTo: 3) { $0.report() })
    case 4: .awaitsEvidence(site(), verdict())
    case 5: .held(cause())
    case 6: .overrode(site(), verdict())
    case 7: .approved(have: Int(integer()), of: Int(integer()))
    case 8: .passed(stage: Int(integer()))
    case 9: .retrying(effect(), attempt: Int(integer()), at: time())
    case 10: .reasserted(route: Int(integer()), weight())
    case 11: .stageFailed(stage: Int(integer()), cause())
    case 12: .rollbackBegan(cause())
    case 13: .escalated(effect(), attempt: Int(integer()))
    case 14: .abandoned(effect())
    case 15: .skipped(stage: Int(integer()), move: Int(integer()))
    case 16: .released
    case 18: .recorded(target())
    case 17: .ended(pick(Outcome.allCases))
    default: .ignored
    }
  }

  mutating func weighing() -> Weighing {
    Weighing(
      look: below(9), skipped: below(9), canary: ArmCounts(bad: double(), all: double()),
      control: ArmCounts(bad: double(), all: double()), logFail: double(), logPass: double(), atLeast: double(),
      below: double(), dispersion: double(), since: 1 + below(9), isBeyondLimit: chance(), isNegligible: chance(),
      strayShare: chance() ? double() : nil)
  }

  mutating func sampleWeighing() -> SampleWeighing {
    func arm() -> SampleWeighing.Arm { .init(count: double(), estimate: double()) }
    return SampleWeighing(
      look: below(9), skipped: below(9), since: 1 + below(9), canary: arm(), control: arm(),
      strength: chance()
        ? nil : chance() ? .evidence(fail: double(), pass: double()) : .bounds(atLeast: double(), below: double()))
  }

  mutating func budgetLook() -> BudgetLook {
    BudgetLook(
      left: chance() ? nil : double(), ruling: pick(BudgetPolicy.Ruling.allCases), change: pick(ChangeKind.allCases))
  }

  mutating func score() -> ScoreReport {
    ScoreReport(
      summary: chance() ? nil : double(), judgement: pick(Judgement.allCases),
      groups: list(upTo: 3) { .init(name: $0.text(), score: $0.double()) },
      metrics: list(upTo: 3) {
        .init(
          metric: Int($0.integer()), label: $0.pick(RankSumJudge.Label.allCases), isCritical: $0.chance(),
          ratio: $0.chance() ? nil : $0.double())
      })
  }

  mutating func target() -> TargetRecord {
    TargetRecord(
      target: Target(service: text(), environment: text()),
      stable: list(upTo: 3) { .init(version: $0.text(), run: $0.run()) }, reverted: list(upTo: 3) { $0.text() },
      live: list(upTo: 3) {
        .init(route: RouteName(router: $0.text(), route: $0.text()), slot: $0.pick(Slot.allCases))
      }, spent: list(upTo: 2) { $0.text() })
  }

  mutating func report() -> MetricReport {
    MetricReport(
      metric: Int(integer()), verdict: verdict(), passes: Int(integer()), failures: below(9), inconclusive: below(9),
      noData: below(9), errors: below(9), last: chance() ? double() : nil)
  }

  mutating func cause() -> Cause {
    switch below(12) {
    case 9: .overruled(found: chance() ? weight() : nil, because: text())
    case 10: .step(effect(), pick(StepEnd.allCases))
    case 8: .split(wanted: weight(), found: weight())
    case 0: .gate(site(), verdict())
    case 1: .stageDeadline
    case 2: .runDeadline
    case 3: .effect(effect(), failure())
    case 4: .check(effect(), status: Int(integer()))
    case 5: .rejected
    case 6: .expired
    case 7: pick([.aborted, .asked])
    default: .superseded(by: run())
    }
  }
}

extension Arbitrary {
  fileprivate mutating func audit() -> AuditFact {
    switch pick([0, 1, 2, 3, 4, 5]) {
    case 0: .checkpointed(size: integer(), note: text())
    case 1: .read(AuditReading(verb: text(), filter: text(), through: integer()))
    case 2: .carried(CarriedEntry(original: integer(), text: text(), path: text()))
    case 3: .sealRefused(segment(), because: text())
    case 4: .refused(asked: text(), because: text())
    default: .sealed(segment())
    }
  }

  private mutating func segment() -> SealedSegment {
    SealedSegment(
      first: integer(), last: integer(), before: text(), after: text(), root: text(), file: text(),
      breaksGlass: chance())
  }
}
