package import PipelineModel

/// Text of a pipeline → the pipeline, or everything that is wrong with it.
///
/// The stages are bytes, guarded text, YAML, nodes, typed draft, resolved model, checks. Each later one runs as far as
/// what the earlier ones could make sense of allows, so that one look shows as many mistakes as possible.
package struct PipelineParser: Sendable {
  private let installation: Installation?
  private let kinds: [BackendKind]

  /// With an installation, names of providers, routers, deployers and roles are checked against it, and what the
  /// pipeline asks of them against what their kinds can do.
  package init(installation: Installation? = nil, kinds: [BackendKind] = []) {
    self.installation = installation
    self.kinds = kinds + (installation?.pluginKinds ?? [])
  }

  package func parse(_ file: SourceFile) -> Parsed<Pipeline> {
    parsed(file, PipelineDraft.form) { draft, sink in
      var resolver = PipelineResolver(draft, surroundings: Surroundings(installation, kinds), sink)
      return resolver.resolve()
    }
  }

  package func parse(_ text: String, path: String) -> Parsed<Pipeline> {
    parse(SourceFile(path: path, text: text))
  }
}

/// What all files have in common: bytes → node → draft by `form` → value by `resolve`, unless errors were found.
func parsed<Draft, Value>(
  _ file: SourceFile, _ form: Form<Draft>, _ resolve: (Draft, DiagnosticSink) -> Value?
) -> Parsed<Value> {
  let sink = DiagnosticSink(path: file.path)
  var value: Value?
  if let source = SourceText(file.bytes, reportingTo: sink), let root = YAMLReader.read(source, reportingTo: sink) {
    value = form.read(root, Reader(source: source, sink: sink)).flatMap { resolve($0, sink) }
  }
  if value == nil, !sink.hasErrors { sink.error("this file could not be understood", at: .start) }
  return Parsed(value: sink.hasErrors ? nil : value, diagnostics: sink.sorted())
}
