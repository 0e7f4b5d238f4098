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

  @Test func `nothing is to be said about its scenarios`() throws {
    let folder = Self.root.appending(path: "Pipelines")
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path()).filter { $0.contains("/scenarios/") }
    #expect(files.count >= 30)
    for file in files {
      let url = folder.appending(path: file)
      let source = SourceFile(path: file, bytes: [UInt8](try Data(contentsOf: url)))
      let parsed = ScenarioParser().parse(source) { name in
        let pipeline = url.deletingLastPathComponent().appending(path: name)
        return (try? SourceFile.read(pipeline.standardizedFileURL.path())).flatMap { PipelineParser().parse($0).value }
      }
      #expect(parsed.diagnostics.map(\.description) == [])
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
