import Foundation
import PipelineModel
import Testing

@testable import PipelineSyntax

/// The JSON schemas that editors use are those the parser's own tables make.
@Suite struct SchemaTests {
  private static let published = Golden.folder.appending(path: "../../Pipelines/schema").standardizedFileURL

  @Test func `the published schema of pipelines is fresh`() throws {
    try Golden.expect(Schema.pipeline, toMatch: Self.published.appending(path: "pipeline.schema.json"))
  }

  @Test func `the published schema of scenarios is fresh`() throws {
    try Golden.expect(Schema.scenario, toMatch: Self.published.appending(path: "scenario.schema.json"))
  }

  @Test func `the published schema of plugins is fresh`() throws {
    try Golden.expect(Schema.plugin, toMatch: Self.published.appending(path: "plugin.schema.json"))
  }

  @Test func `the schema of an installation has the settings of its kinds`() throws {
    let schema = Schema.installation(kinds: BackendKind.examples)
    try Golden.expect(schema, toMatch: Golden.folder.appending(path: "Snapshots/headgate.schema.json"))
  }

  @Test(arguments: [Schema.pipeline, Schema.scenario, Schema.plugin, Schema.installation(kinds: BackendKind.examples)])
  func `a schema is JSON in which every reference leads somewhere`(text: String) throws {
    let schema = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let definitions = try #require(schema["$defs"] as? [String: Any])
    for reference in text.matches(of: #/"#/\$defs/(?<name>[^"]+)"/#) {
      #expect(definitions[String(reference.output.name)] != nil)
    }
  }
}
