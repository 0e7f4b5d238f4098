import PipelineModel

/// Draft → pipeline: names become references, defaults are filled in, and what cannot work is reported.
struct PipelineResolver {
  let draft: PipelineDraft
  let surroundings: Surroundings
  let sink: DiagnosticSink
  var used = Used()
  /// Whether something is missing in what is resolved: why it could not be read, or found, has been told.
  var isPartial = false
  private let metricIndices: [String: Int]
  private let gates: [String: GateDraft]
  private let variables: Set<String>
  private let builtIns: [String]

  /// Names that something refers to.
  struct Used {
    var metrics: Set<String> = []
    var gates: Set<String> = []
    var variables: Set<String> = []
    var objectives: Set<String> = []
  }

  init(_ draft: PipelineDraft, surroundings: Surroundings, _ sink: DiagnosticSink) {
    self.draft = draft
    self.surroundings = surroundings
    self.sink = sink
    metricIndices = Dictionary(draft.metrics.enumerated().map { ($1.name.value, $0) }) { first, _ in first }
    gates = Dictionary(draft.gates.map { ($0.name.value, $0.value.value) }) { first, _ in first }
    let hasRamp = draft.mayHaveRamp
    builtIns = Template.BuiltIn.allCases.map(\.rawValue).filter { hasRamp || !Template.namesOfRamps.contains($0) }
    variables = Set(builtIns + draft.parameters.map(\.name.value))
  }

  func metric(_ name: String) -> Int? { metricIndices[name] }
  func gate(_ name: String) -> GateDraft? { gates[name] }

  mutating func resolve() -> Pipeline? {
    let parameters = resolvedParameters()
    let metrics = draft.metrics.map { metric($0) }
    let stages = draft.stages.compactMap { stage($0) }
    checkStageNames()
    checkEnds()
    checkDeadline(of: stages)
    for objective in draft.objectives { check(objective) }
    for entry in draft.notify { surroundings.check(entry.name, .notification, "notifier", sink) }
    // Gates that no stage uses are read all the same, so that their mistakes are seen.
    for gate in draft.gates where !used.gates.contains(gate.name.value) { _ = resolved(gate.value.value, within: nil) }
    if draft.couldRead(PipelineDraft.stagesKey) { warnOfUnusedGates() }
    if draft.couldRead(PipelineDraft.stagesKey, PipelineDraft.gatesKey) { warnOfUnusedMetrics() }
    if draft.couldRead(PipelineDraft.stagesKey, PipelineDraft.metricsKey) { warnOfUnusedParameters() }
    if draft.couldRead(PipelineDraft.metricsKey) { warnOfUnusedObjectives() }
    guard !isPartial, let name = draft.name?.value, let service = draft.service, let environment = draft.environment,
      !stages.isEmpty, stages.count == draft.stages.count
    else { return nil }
    let pipeline = Pipeline(
      name: name, target: Target(service: service, environment: environment), owner: draft.owner,
      runbook: draft.runbook, parameters: parameters, metrics: metrics, stages: stages,
      deadline: draft.deadline?.value, whenBusy: draft.whenBusy,
      notify: SubscriptionForm.subscriptions(draft.notify))
    warnOfLoosePatterns(in: pipeline)
    warnOfLateBudgets(in: pipeline)
    return pipeline
  }

  /// What was written, or what stands in for it while the rest is looked at; with that no pipeline comes of the file.
  mutating func written<Value>(_ value: Value?, or standIn: @autoclosure () -> Value) -> Value {
    if let value { return value }
    isPartial = true
    return standIn()
  }

  private func resolvedParameters() -> [Parameter] {
    let taken = builtIns.filter { $0 != Template.BuiltIn.version.rawValue }
    return draft.parameters.map { named in
      if taken.contains(named.name.value) {
        sink.error(
          "\(quote("${\(named.name.value)}")) has a meaning of its own", at: named.name.place,
          help: "give the parameter another name")
      }
      var parameter = named.value.value
      parameter.name = named.name.value
      return parameter
    }
  }

  private func checkStageNames() {
    var first: [String: Place] = [:]
    for name in draft.stages.compactMap(\.name) {
      if let earlier = first[name.value] {
        sink.error(
          "a stage \(quote(name.value)) is there already", at: name.place,
          help: "it stands in line \(earlier.line); people and approvals tell stages by their names")
      } else {
        first[name.value] = name.place
      }
    }
  }

  private func checkDeadline(of stages: [Stage]) {
    guard let deadline = draft.deadline else { return }
    let shortest = stages.reduce(Interval.zero) { $0 + $1.work.shortest }
    guard deadline.value < shortest else { return }
    sink.error(
      "the deadline of \(deadline.value) is shorter than the \(shortest) the run takes at least", at: deadline.place,
      help: "raise it beyond \(shortest), or shorten the holds")
  }

  /// A budget that is first looked at when the traffic has moved keeps nothing from beginning.
  private func warnOfLateBudgets(in pipeline: Pipeline) {
    guard let first = pipeline.stages.firstIndex(where: { $0.route != nil }) else { return }
    let before = Set(pipeline.stages[...first].flatMap(\.gatesBeforeTraffic).flatMap(\.metrics))
    for (index, metric) in pipeline.metrics.enumerated() {
      guard case .budget = metric.rule, metric.decides, used.metrics.contains(metric.name), !before.contains(index),
        let written = draft.metrics.first(where: { $0.name.value == metric.name })
      else { continue }
      sink.warning(
        "\(quote(metric.name)) is first looked at when the traffic has moved, so a spent budget keeps no run from "
          + "beginning", at: written.name.place,
        help: "begin with a stage `- verify: error budget` whose gate has it")
    }
  }

  private func warnOfLoosePatterns(in pipeline: Pipeline) {
    let substitutions = pipeline.substitutions
    for (parameter, written) in zip(pipeline.parameters, draft.parameters) {
      guard let use = substitutions[parameter.name], let danger = parameter.danger else { continue }
      sink.warning(
        "the pattern of \(quote(parameter.name)) lets \(quote(String(danger))) through, and the value becomes part of "
          + use.site, at: written.name.place,
        help: use.help("name just the letters that are right, for example `[A-Za-z0-9._-]+`", parameter.name))
    }
  }

  private func warnOfUnusedMetrics() {
    for metric in draft.metrics where !used.metrics.contains(metric.name.value) {
      sink.warning(
        "no gate uses the metric \(quote(metric.name.value))", at: metric.name.place,
        help: "add it to a gate, or remove it")
    }
  }

  private func warnOfUnusedGates() {
    for gate in draft.gates where !used.gates.contains(gate.name.value) {
      sink.warning(
        "no stage uses the gate \(quote(gate.name.value))", at: gate.name.place,
        help: "refer to it by `gate: \(gate.name.value)`, or remove it")
    }
  }

  private func warnOfUnusedParameters() {
    // Commands and steps are given every parameter, so with one of them there is no telling.
    let givesAll = draft.stages.contains {
      switch $0.work {
      case .check, .step: true
      case .approve, .canary, .blueGreen, .verify, .wait, .flag, nil: false
      }
    }
    guard !givesAll else { return }
    for parameter in draft.parameters.map(\.name)
    where !used.variables.contains(parameter.value) && parameter.value != Template.BuiltIn.version.rawValue {
      sink.warning(
        "nothing uses the parameter \(quote(parameter.value))", at: parameter.place,
        help: "write `${\(parameter.value)}` where it belongs, or remove it")
    }
  }

  /// The template, its names checked.
  mutating func template(_ template: TemplateDraft?) -> Template {
    guard let template else { return written(nil, or: Template(parts: [])) }
    used.variables.formUnion(template.uses.lazy.map(\.name))
    let unknown = template.uses.filter {
      !variables.contains($0.name) && !draft.mayHave($0.name, under: PipelineDraft.parametersKey)
    }
    if !unknown.isEmpty, !sink.isFull { report(unknown, in: template.text) }
    return template.template
  }

  private func report(_ uses: [TemplateDraft.Use], in text: ScalarText) {
    let known = builtIns + draft.parameters.map(\.name.value).filter { !builtIns.contains($0) }
    let places = text.places
    for use in uses where !sink.isFull {
      let shell = "write `$${\(use.name)}` if it is not for Headgate to fill in"
      let isNear = nearMiss(of: use.name, among: known) != nil
      sink.unknown(
        "name", use.name, among: known, at: use.offset < places.count ? places[use.offset] : text.place,
        help: isNear ? shell : "parameters and built-ins are \(known.map(quote).joined(separator: ", ")); \(shell)")
    }
  }
}
