package import Engine
package import PipelineModel

/// Turns the text of a pipeline into a pipeline. Declared here, so that the controller knows no YAML.
package protocol PipelineCompiler: Sendable {
  /// Another whenever the same text might be compiled to something else. `nil`: that cannot be told, and what was compiled
  /// is not kept.
  var edition: String? { get }

  /// - Throws: `Refusal` with every mistake of the text, a line each.
  func compile(text: String, path: String) throws(Refusal) -> Pipeline

  /// Every parameter of the pipeline with its value, defaults filled in, sorted by name.
  func bind(_ given: [Start.Binding], to pipeline: Pipeline) throws(Refusal) -> [Start.Binding]

  /// Backends that the pipeline names and this installation does not have, each in a few words; empty: it has all.
  func lacks(_ pipeline: Pipeline) -> [String]
}

extension PipelineCompiler {
  package var edition: String? { nil }

  package func lacks(_ pipeline: Pipeline) -> [String] { [] }
}
