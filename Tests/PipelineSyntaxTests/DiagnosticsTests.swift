import Foundation
import PipelineModel
import Testing

@testable import PipelineSyntax

/// Every file in `Diagnostics/` is a pipeline with mistakes; beside it lies what its author is told.
@Suite struct DiagnosticsTests {
  @Test(arguments: Golden.files("Diagnostics", ending: "yaml"))
  func `every mistake is told with place and mend`(file: URL) throws {
    let bytes = [UInt8](try Data(contentsOf: file))
    let source = SourceFile(path: file.lastPathComponent, bytes: bytes)
    let parser =
      file.lastPathComponent.hasPrefix("installed-")
      ? PipelineParser(installation: .example, kinds: BackendKind.examples) : PipelineParser()
    let parsed = parser.parse(source)
    #expect(parsed.hasErrors == (parsed.value == nil))
    let report = parsed.diagnostics.map { "\($0)\n" }.joined()
    try Golden.expect(report, toMatch: file.deletingPathExtension().appendingPathExtension("txt"))
  }

  @Test func `there are examples to look at`() {
    #expect(Golden.files("Diagnostics", ending: "yaml").count >= 10)
  }
}
