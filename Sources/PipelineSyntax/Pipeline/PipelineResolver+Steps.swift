import PipelineModel

extension PipelineResolver {
  mutating func step(_ draft: StepCallDraft) -> StepCall {
    if let step = draft.step { check(step, with: draft.with) }
    return StepCall(
      step: written(draft.step?.value, or: StepName(runner: "", step: "")),
      with: arguments(draft.with).map { argument($0) }, timeout: draft.timeout,
      retries: draft.retries)
  }

  private mutating func arguments(_ written: Located<[ArgumentDraft]?>?) -> [ArgumentDraft] {
    written.map { self.written($0.value, or: []) } ?? []
  }

  private func check(_ step: Located<StepName>, with arguments: Located<[ArgumentDraft]?>?) {
    let (runner, name) = (step.value.runner, step.value.step)
    surroundings.check(Located(runner, at: step.place), .step, "runner", sink)
    guard let steps = surroundings.steps(of: runner) else { return }
    guard let kind = steps.first(where: { $0.name == name }) else {
      return sink.unknown("step", name, among: steps.map(\.name), at: step.place)
    }
    if let arguments, arguments.value == nil { return }
    check(arguments?.value ?? [], against: kind.with, at: arguments?.place ?? step.place)
  }

  private mutating func argument(_ draft: ArgumentDraft) -> StepArgument {
    StepArgument(name: draft.name.value, value: value(draft.value.value))
  }

  private mutating func value(_ draft: ArgumentDraft.Value) -> StepArgument.Value {
    switch draft {
    case .text(let text): return .text(template(text))
    case .list(let items): return .list(items.map { value($0.value) })
    case .map(let members): return .map(members.map { argument($0) })
    case .unread: return written(nil, or: .list([]))
    }
  }

  // MARK: Against the schema

  private func check(_ arguments: [ArgumentDraft], against schema: SettingsSchema, at place: Place) {
    let names = schema.settings.map(\.name)
    for argument in arguments {
      if let setting = schema.settings.first(where: { $0.name == argument.name.value }) {
        check(argument.value, against: setting.type)
      } else {
        sink.unknown(
          "setting", argument.name.value, among: names, at: argument.name.place,
          help: names.isEmpty ? "this step takes none" : nil)
      }
    }
    let given = arguments.flatMap { [$0.name.value] + (nearMiss(of: $0.name.value, among: names).map { [$0] } ?? []) }
    for setting in schema.settings where setting.required && !given.contains(setting.name) {
      sink.error("the key \(quote(setting.name)) is missing under `with:`", at: place, help: setting.about)
    }
  }

  /// A text with places is judged when they are filled: before it is known what they are filled with, anything may do.
  private func check(_ value: Located<ArgumentDraft.Value>, against kind: SettingsSchema.Kind) {
    switch (kind, value.value) {
    case (_, .unread): break
    case (.list(let element), .list(let items)): for item in items { check(item, against: element) }
    case (.list(let element), .text): check(value, against: element)
    case (.mapOf(let element), .map(let members)): for member in members { check(member.value, against: element) }
    case (.map(let schema), .map(let members)): check(members, against: schema, at: value.place)
    case (_, .text(let draft)):
      guard draft.uses.isEmpty else { return }
      do throws(UnitMistake) {
        _ = try kind.value(written: draft.template.filled { _ in nil } ?? "")
      } catch {
        sink.error(error.message, at: value.place, help: error.help.isEmpty ? nil : error.help)
      }
    case (_, .list): sink.error("\(kind.noun) is wanted here, not a list", at: value.place)
    case (_, .map): sink.error("\(kind.noun) is wanted here, not a mapping", at: value.place)
    }
  }
}
