package import PipelineModel

/// Text of a scenario → the scenario, or everything that is wrong with it.
package struct ScenarioParser: Sendable {
  package init() {}

  /// - Parameter pipeline: finds the pipeline under the path written in the file. With it, names of metrics, stages,
  ///   backends and parameters are checked; without (`nil`), the scenario is taken as it is.
  package func parse(_ file: SourceFile, pipeline: (String) -> Pipeline? = { _ in nil }) -> Parsed<Scenario> {
    parsed(file, ScenarioDraft.form) { draft, sink in
      if let pipeline = pipeline(draft.pipeline.value) {
        ScenarioCheck(draft: draft, pipeline: pipeline, sink: sink).run()
      }
      return draft.scenario
    }
  }

  package func parse(
    _ text: String, path: String, pipeline: (String) -> Pipeline? = { _ in nil }
  ) -> Parsed<Scenario> {
    parse(SourceFile(path: path, text: text), pipeline: pipeline)
  }
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
    for metric in pipeline.metrics where draft.scenario.world.stable[metric.name] == nil {
      sink.warning(
        "the world does not say what \(quote(metric.name)) shows, so it will have no data", at: draft.worldPlace,
        help: "add it under `stable:`")
    }
  }

  private func checkParameters() {
    for problem in pipeline.bind(draft.scenario.parameters).problems {
      let place = draft.parameters.first { $0.name.value == problem.parameter }?.name.place ?? .start
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
