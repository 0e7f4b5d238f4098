import PipelineModel

extension PipelineResolver {
  /// Whether names mean something that only do where a flag is ramped. A stage that could not be read may be one that does.
  var hasRamp: Bool { draft.mayHaveRamp }

  /// Whether flags are all that the pipeline changes.
  var isRamp: Bool {
    draft.stages.contains { $0.ramp != nil }
      && draft.stages.allSatisfy { stage in
        switch stage.work {
        case .canary, .blueGreen, nil: false
        case .check, .step, .approve, .verify, .wait, .flag: true
        }
      }
  }

  mutating func ramp(_ draft: FlagRampDraft) -> FlagRamp {
    check(draft)
    let written = self.written(draft.steps, or: [])
    checkWeights(written)
    let steps = written.map { self.step($0, of: draft) }
    checkUnused(draft.gate, beside: written, held: draft.hold)
    let length = draft.holdsAreRead ? steps.reduce(Interval.zero) { $0 + $1.hold } : nil
    let background = self.background(draft.background, lasting: length, at: draft.place)
    checkDecide(steps, written, held: draft.hold)
    checkTwice(steps.map(\.gate), background, at: draft.place)
    return FlagRamp(
      key: self.written(draft.key?.value, or: ""), environment: self.written(self.draft.environment, or: ""),
      variant: draft.variant.value, from: draft.from.value, steps: steps, background: background)
  }

  private mutating func step(_ step: StepDraft, of ramp: FlagRampDraft) -> Canary.Step {
    let usual = ramp.isSet && ramp.gate == nil ? Interval.zero : FlagRampDraft.defaultHold
    let hold = step.hold ?? ramp.hold ?? Located(usual, at: step.place)
    return self.step(step, held: hold, judgedBy: step.gate ?? ramp.gate)
  }

  private func check(_ ramp: FlagRampDraft) {
    if ramp.variant.value == ramp.from.value {
      sink.error(
        "\(quote(ramp.variant.value)) would grow at its own cost", at: ramp.variant.place,
        help: "name in `from` the variant that people have now")
    }
    guard let key = ramp.key else { return }
    let earlier = draft.stages.lazy.compactMap(\.ramp).first { $0.key?.value == key.value }
    if let earlier, earlier.variant.value != ramp.variant.value || earlier.from.value != ramp.from.value {
      sink.error(
        "the flag \(quote(key.value)) goes from \(quote(earlier.from.value)) to \(quote(earlier.variant.value)) in "
          + "an earlier stage", at: ramp.place, help: "ramp one variant in a pipeline, and another in another")
    }
  }

  /// A ramp takes its own flag back anyway.
  func checkRemedy(_ stage: StageDraft) {
    guard let remedy = stage.switchesOff,
      let ramp = draft.stages.lazy.compactMap(\.ramp).first(where: { $0.key?.value == remedy.value })
    else { return }
    sink.error(
      "the pipeline ramps \(quote(remedy.value)) itself (line \(ramp.place.line)), and takes it back with a rollback",
      at: remedy.place, help: "write `onFailure: rollback`, or name a flag that is ramped elsewhere")
  }
}

extension PipelineDraft {
  var mayHaveRamp: Bool {
    unreadable.contains(Self.stagesKey.name) || stages.contains { $0.ramp != nil || $0.work == nil }
  }
}

extension StageDraft {
  var ramp: FlagRampDraft? { if case .flag(let ramp) = work { ramp } else { nil } }
}
