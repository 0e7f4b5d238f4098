package import Controller
package import Engine
package import PipelineModel

/// Compiles the texts it was given, by their pipelines' names, and refuses all others.
package struct FixedCompiler: PipelineCompiler {
  private let plans: [String: Plan]

  package init(_ pipelines: Pipeline...) { self.init(pipelines) }

  package init(_ pipelines: [Pipeline]) {
    plans = Dictionary(uniqueKeysWithValues: pipelines.map { ($0.name, Plan($0)) })
  }

  package func compile(text: String, path: String) throws(Refusal) -> Pipeline {
    guard let plan = plans[text] else { throw Refusal("\(path):1:1: error: there is no pipeline \"\(text)\"") }
    return plan.pipeline
  }

  package func bind(_ given: [Start.Binding], to pipeline: Pipeline) throws(Refusal) -> [Start.Binding] {
    given.sorted { $0.name < $1.name }
  }

  package func plan(_ name: String) -> Plan? { plans[name] }
}

extension Request.Ask {
  /// Starts a pipeline of a `FixedCompiler`.
  package static func start(_ pipeline: String, version: String, again: Bool = false) -> Request.Ask {
    .start(
      StartRequest(
        text: pipeline, path: "\(pipeline).yaml", parameters: [Start.Binding(name: "version", value: version)],
        again: again))
  }
}
