import Controller
import Engine
import PipelineModel
import PipelineSyntax

/// Lets the controller read pipelines without knowing their syntax.
struct SyntaxCompiler: PipelineCompiler {
  init() {}

  func compile(text: String, path: String) throws(Refusal) -> Pipeline {
    let parsed = PipelineParser().parse(text, path: path)
    guard let pipeline = parsed.value else {
      let errors = parsed.diagnostics.filter { $0.severity == .error }
      throw Refusal(errors.map(\.description).joined(separator: "\n"))
    }
    return pipeline
  }

  func bind(_ given: [Start.Binding], to pipeline: Pipeline) throws(Refusal) -> [Start.Binding] {
    let binding = pipeline.bind(Dictionary(given.map { ($0.name, $0.value) }) { $1 })
    guard let values = binding.values else {
      throw Refusal(binding.problems.map(\.description).joined(separator: "\n"))
    }
    return values.sorted { $0.key < $1.key }.map { Start.Binding(name: $0.key, value: $0.value) }
  }
}
