import Controller
import Engine
import PipelineModel
import PipelineSyntax

/// Lets the controller read pipelines without knowing their syntax.
struct SyntaxCompiler: PipelineCompiler {
  /// Of the controller that would drive a new run; `nil`: nothing is begun, only read.
  private let backends: Backends?

  init(backends: Backends? = nil) { self.backends = backends }

  /// What a text means may be another thing in another build.
  var edition: String? { Edition.current }

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
    try check(pipeline)
    return values.sorted { $0.key < $1.key }.map { Start.Binding(name: $0.key, value: $0.value) }
  }

  /// Another process may have read this pipeline with another headgate.yaml than the one this controller drives by.
  private func check(_ pipeline: Pipeline) throws(Refusal) {
    let missing = lacks(pipeline)
    guard missing.isEmpty else {
      throw Refusal("the controller that drives this store has " + missing.joined(separator: ", and "))
    }
  }

  func lacks(_ pipeline: Pipeline) -> [String] {
    guard let backends else { return [] }
    let broken = backends.broken
    return lacking("provider", pipeline.metrics.flatMap(\.providers), backends.providers.keys, broken[.metrics])
      + lacking(
        "router", Plan(pipeline).routes.filter { !$0.isFlag }.map(\.router), backends.routers.keys, broken[.traffic])
      + lacking("deployer", pipeline.stages.compactMap(\.deployer), backends.deployers.keys, broken[.deployment])
      + lacking("runner", pipeline.runners, backends.runners.keys, broken[.step])
  }

  private func lacking(
    _ what: String, _ wanted: [String], _ known: some Collection<String>, _ broken: [String: String]?
  ) -> [String] {
    let known = known.sorted()
    let list = known.isEmpty ? "none" : known.joined(separator: ", ")
    return Set(wanted).subtracting(known).sorted().map { name in
      if let reason = broken?[name] { return "no \(what) \"\(name)\" that can be used: \(reason)" }
      let meant = nearMiss(of: name, among: known).map { ", did you mean \"\($0)\"?" } ?? ""
      return "no \(what) \"\(name)\"\(meant) (it knows: \(list))"
    }
  }
}
