package import PipelineModel

/// Text of a scenario → the scenario, or everything that is wrong with it.
package struct ScenarioParser: Sendable {
  package init() {}

  /// - Parameter pipeline: finds the pipeline under the path written in the file. With it, names of metrics, stages,
  ///   backends and parameters are checked; without (`nil`), the scenario is taken as it is. What is thrown says
  ///   why the pipeline cannot be used.
  package func parse(
    _ file: SourceFile, pipeline: (String) throws(UnusablePipeline) -> Pipeline? = { _ throws(UnusablePipeline) in nil }
  ) -> Parsed<Scenario> {
    parsed(file, ScenarioDraft.form) { draft, sink in
      guard let path = draft.pipeline else { return nil }
      do throws(UnusablePipeline) {
        if let pipeline = try pipeline(path.value) {
          ScenarioCheck(draft: draft, pipeline: pipeline, sink: sink).run()
        }
      } catch {
        sink.error(error.reason, at: path.place)
      }
      return draft.scenario
    }
  }

  package func parse(
    _ text: String, path: String,
    pipeline: (String) throws(UnusablePipeline) -> Pipeline? = { _ throws(UnusablePipeline) in nil }
  ) -> Parsed<Scenario> {
    parse(SourceFile(path: path, text: text), pipeline: pipeline)
  }
}

/// Why the pipeline of a scenario cannot be used, in words for who wrote the scenario.
package struct UnusablePipeline: Error, Hashable {
  package var reason: String

  package init(_ reason: String) { self.reason = reason }
}

extension Metric {
  /// Name of the objective whose error budget it is about.
  fileprivate var budgeted: String? { if case .budget(let objective, _) = rule { objective.name } else { nil } }
}

/// A scenario's names against its pipeline.
private struct ScenarioCheck {
  let draft: ScenarioDraft
  let pipeline: Pipeline
  let sink: DiagnosticSink

  func run() {
    let names = Dictionary(uniqueKeysWithValues: ScenarioName.Noun.allCases.map { ($0, self.names($0)) })
    let sets = names.mapValues { Set($0) }
    for use in draft.names {
      let known = names[use.noun] ?? []
      if sets[use.noun]?.contains(use.name.value) != true {
        sink.unknown(use.noun.rawValue, use.name.value, among: known, at: use.name.place)
      }
    }
    checkParameters()
    if let world = draft.world { checkWorld(world) }
  }

  private func checkWorld(_ world: WorldDraft) {
    for metric in pipeline.metrics
    where world.world.stable[metric.name] == nil && !draft.unread.contains(metric.name) {
      sink.warning(
        "the world does not say what \(quote(metric.name)) shows, so it will have no data", at: world.place,
        help: "add it under `stable:`")
    }
  }

  private func checkParameters() {
    guard let given = draft.parameters else { return }
    let values = Dictionary(given.map { ($0.name.value, $0.value.value) }) { first, _ in first }
    for problem in pipeline.bind(values).problems where !draft.unread.contains(problem.parameter) {
      let place = given.first { $0.name.value == problem.parameter }?.name.place ?? .start
      sink.error(
        problem.message, at: place, help: problem.help?.contains("--set") == true ? "add it under `set:`" : problem.help
      )
    }
  }

  private func names(_ noun: ScenarioName.Noun) -> [String] {
    switch noun {
    case .metric: pipeline.metrics.map(\.name)
    case .provider: unique(pipeline.metrics.flatMap(\.providers))
    case .router: unique(pipeline.routes.filter { !$0.isFlag }.map(\.router))
    case .deployer: unique(pipeline.stages.compactMap(\.deployer))
    case .objective: unique(pipeline.metrics.compactMap(\.budgeted))
    case .stage: pipeline.stages.map(\.name)
    case .flag: unique((pipeline.routes + pipeline.stages.compactMap(\.switchesOff)).filter(\.isFlag).map(\.route))
    }
  }

  private func unique(_ names: [String]) -> [String] {
    names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
