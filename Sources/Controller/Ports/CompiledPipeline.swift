package import PipelineModel

/// A pipeline as it was compiled, with what it was compiled from and by.
package struct CompiledPipeline: Hashable, Sendable {
  /// Sequence number of the entry with its text.
  package var definition: Int64
  /// See `PipelineCompiler.edition`.
  package var edition: String
  package var pipeline: Pipeline

  package init(definition: Int64, edition: String, pipeline: Pipeline) {
    self.definition = definition
    self.edition = edition
    self.pipeline = pipeline
  }
}
