import Foundation
import Testing

@testable import PipelineSyntax

/// What people copy from us: the pipelines we teach with, and those in the texts.
@Suite struct TeachingTests {
  private static let root = Golden.folder.appending(path: "../..").standardizedFileURL

  @Test func `nothing is to be said about a pipeline we teach with`() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      at: Self.root.appending(path: "Pipelines"), includingPropertiesForKeys: nil)
    let files = folders.map { $0.appending(path: "pipeline.yaml") }.filter {
      FileManager.default.fileExists(atPath: $0.path())
    }
    #expect(files.count >= 6)
    for file in files {
      let source = SourceFile(path: file.path(), bytes: [UInt8](try Data(contentsOf: file)))
      #expect(PipelineParser().parse(source).diagnostics.map(\.description) == [])
    }
  }

  @Test(arguments: [("README.md", "```yaml\npipeline:", "```"), ("script/demo-live", "<<'YAML'\npipeline:", "YAML\n")])
  func `nothing is to be said about a pipeline in a text`(file: String, opening: String, closing: String) throws {
    let text = try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
    let start = try #require(text.range(of: opening))
    let end = try #require(text.range(of: "\n\(closing)", range: start.upperBound..<text.endIndex))
    let pipeline = "pipeline:" + text[start.upperBound..<end.lowerBound] + "\n"
    #expect(PipelineParser().parse(pipeline, path: file).diagnostics.map(\.description) == [])
  }
}
