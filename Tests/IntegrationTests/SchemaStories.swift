import Foundation
import LiveRig
import Subprocess
import SystemPackage
import Testing

/// The published schemas, asked by a validator that editors use too, about every file that we ship.
@Suite struct SchemaStories {
  private static let pipelines = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Pipelines").standardizedFileURL

  /// Prints a line for each mistake. Arguments: a schema, and the files that it is to accept.
  private static let validator = """
    import json, sys, jsonschema, yaml
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in sys.argv[2:]:
        for error in validator.iter_errors(yaml.safe_load(open(path))):
            print(f"{path}: {error.json_path}: {error.message}")
    """

  private static func mistakes(_ schema: String, in files: [String]) async throws -> String {
    let result = try await Subprocess.run(
      .path(FilePath(try Component.jsonSchema.required())),
      arguments: Arguments(["-c", validator, pipelines.appending(path: "schema/\(schema).schema.json").path] + files),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
    return result.standardOutput
  }

  private static func files(_ isWanted: (URL) -> Bool) -> [String] {
    let all = FileManager.default.enumerator(at: pipelines, includingPropertiesForKeys: nil)
    return (all?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "yaml" && isWanted($0) }.map(\.path)
  }

  @Test(.live(.jsonSchema), arguments: [("pipeline", "pipeline.yaml"), ("headgate", "headgate.yaml")])
  func `the schema accepts what is shipped`(schema: String, file: String) async throws {
    let files = Self.files { $0.lastPathComponent == file }
    try #require(!files.isEmpty)
    #expect(try await Self.mistakes(schema, in: files) == "")
  }

  @Test(.live(.jsonSchema)) func `the schema accepts every scenario`() async throws {
    let files = Self.files { $0.deletingLastPathComponent().lastPathComponent == "scenarios" }
    try #require(!files.isEmpty)
    #expect(try await Self.mistakes("scenario", in: files) == "")
  }

  @Test(.live(.jsonSchema)) func `the schema refuses what is misspelt`() async throws {
    try await Rig.with { rig in
      let file = "\(rig.folder)/pipeline.yaml"
      try "pipeline: p\nstages: [{ canary: c, route: a/b, stpes: [5%] }]\n".write(
        toFile: file, atomically: true, encoding: .utf8)
      #expect(try await Self.mistakes("pipeline", in: [file]).contains("stages"))
    }
  }
}
