import PipelineModel

extension PipelineResolver {
  /// A metric about an objective: the questions are the objective's, over the windows of the rule.
  mutating func metric(_ name: String, _ draft: MetricDraft, on objective: Located<String>) -> Metric {
    for written in [draft.query?.place, draft.canary?.place, draft.control?.place].compactMap(\.self) {
      sink.error("the objective says what is asked", at: written, help: "remove it here")
    }
    used.objectives.insert(objective.value)
    guard let found = self.draft.objectives.first(where: { $0.name.value == objective.value }) else {
      if !self.draft.mayHave(objective.value, under: PipelineDraft.objectivesKey) { reportUnknown(objective) }
      return metric(name, draft, "", written(nil, or: Template(parts: [])), [], .threshold(draft.threshold))
    }
    let asked = found.value.value
    let rules = asked.objective(objective.value, target: written(asked.target?.value, or: .percent(99)))
    let isBudget = draft.burnRate == nil
    let windows = isBudget ? [rules.window] : Set(rules.rules.flatMap { [$0.long, $0.short] }).sorted()
    let texts = [asked.bad, asked.good, asked.all, asked.ratio].map { $0.map { template($0.value) } }
    let questions = windows.flatMap { window in
      zip([Question.Role.badOver(window), .goodOver(window), .allOver(window), .ratioOver(window)], texts)
        .compactMap { role, text in text.map { Question(role, $0, interval: window) } }
    }
    return metric(
      name, draft, written(asked.provider?.value, or: ""), written(questions.first?.text, or: Template(parts: [])),
      questions, isBudget ? .budget(rules, draft.change) : .burnRate(rules))
  }

  /// What is wrong with an objective, whether or not a metric is about it.
  mutating func check(_ objective: Named<ObjectiveDraft>) {
    let asked = objective.value.value
    checkMissing(asked.missing, [asked.bad], of: objective.name.value)
    if let provider = asked.provider { surroundings.check(provider, .metrics, "provider", sink) }
    for text in [asked.bad, asked.good, asked.all, asked.ratio].compactMap(\.self) { _ = template(text.value) }
  }

  private func reportUnknown(_ objective: Located<String>) {
    sink.unknown(
      "objective", objective.value, among: draft.objectives.map(\.name.value), at: objective.place,
      help: "name objectives under `objectives:`")
  }

  func warnOfUnusedObjectives() {
    for objective in draft.objectives where !used.objectives.contains(objective.name.value) {
      sink.warning(
        "no metric uses the objective \(quote(objective.name.value))", at: objective.name.place,
        help: "add a metric with `burnRate: \(objective.name.value)`, or remove it")
    }
  }
}
