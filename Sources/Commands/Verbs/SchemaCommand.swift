import ArgumentParser
import PipelineSyntax

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Prints the JSON schema of a kind of file, for editors that complete and check.",
    discussion: """
      EXAMPLES
        headgate schema pipeline > pipeline.schema.json
        # at the head of a pipeline, for editors with a YAML language server:
        # yaml-language-server: $schema=pipeline.schema.json
      """)

  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case pipeline, scenario, installation, plugin
  }

  @Argument(help: "pipeline, scenario, installation (headgate.yaml) or plugin (plugin.yaml).")
  var kind: Kind

  func run() throws {
    switch kind {
    case .pipeline: Console.write(Schema.pipeline)
    case .scenario: Console.write(Schema.scenario)
    case .installation: Console.write(Schema.installation(kinds: Workshop.current.kinds))
    case .plugin: Console.write(Schema.plugin)
    }
  }
}
