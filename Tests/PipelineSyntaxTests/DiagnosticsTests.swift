import Foundation
import PipelineModel
import Testing

@testable import PipelineSyntax

/// Every file in `Diagnostics/` has mistakes; beside it lies what its author is told.
@Suite struct DiagnosticsTests {
  @Test(arguments: Golden.files("Diagnostics", ending: "yaml"))
  func `every mistake is told with place and mend`(file: URL) throws {
    let source = SourceFile(path: file.lastPathComponent, bytes: [UInt8](try Data(contentsOf: file)))
    let report = diagnostics(of: source).map { "\($0)\n" }.joined()
    try Golden.expect(report, toMatch: file.deletingPathExtension().appendingPathExtension("txt"))
  }

  @Test func `there are examples to look at`() {
    #expect(Golden.files("Diagnostics", ending: "yaml").count >= 20)
  }

  @Test func `diagnostics are told in the order of the text`() {
    let text = "pipeline: p\nservise: s\nenvironment: e f\nstages: [{ wiat: w }]\n"
    let places = PipelineParser().parse(text, path: "p.yaml").diagnostics.map(\.place)
    #expect(places == places.sorted())
    #expect(places.count == 4)
  }

  @Test func `a hostile number of mistakes makes a report of bounded length`() {
    let text = (0..<5000).map { "key\($0): x\n" }.joined()
    let diagnostics = PipelineParser().parse(text, path: "p.yaml").diagnostics
    #expect(diagnostics.count == DiagnosticSink.limit + 1)
    #expect(diagnostics.last?.message == "4804 more not shown")
  }

  /// A pipeline in a file named `installed-…` is checked against an installation.
  private func diagnostics(of source: SourceFile) -> [Diagnostic] {
    switch DocumentKind(guessing: source) {
    case .installation: return diagnostics(InstallationParser(kinds: BackendKind.examples).parse(source))
    case .scenario:
      let knows = source.path.hasSuffix("-names.yaml")
      return diagnostics(ScenarioParser().parse(source) { _ in knows ? .example : nil })
    case .pipeline where source.path.hasPrefix("installed-"):
      return diagnostics(PipelineParser(installation: .example, kinds: BackendKind.examples).parse(source))
    case .plugin: return diagnostics(PluginParser().parse(source))
    case .pipeline: return diagnostics(PipelineParser().parse(source))
    }
  }

  private func diagnostics<Value>(_ parsed: Parsed<Value>) -> [Diagnostic] {
    #expect(parsed.hasErrors == (parsed.value == nil))
    return parsed.diagnostics
  }
}
