import ArgumentParser
import ControlAPI
import Foundation
import PipelineModel
import PipelineSyntax

struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Prints every mistake of pipeline, scenario and installation files.",
    discussion: """
      Each mistake is a line `path:line:column: error: …` and how to mend it. With a headgate.yaml here, or by --config, \
      names of providers, routers and deployers are checked too. Exits with 65 when there is an error.

      EXAMPLES
        headgate validate checkout.yaml
        headgate validate Pipelines/*.yaml --format json
      """)

  @Argument(help: "Pipelines, scenarios (files with `scenario:`), installations (headgate.yaml).", completion: .file())
  var files: [String]

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let (installation, mistakes) = Loader().installationToCheckBy(store)
    // What is one of the files is told with them.
    let others = mistakes.filter { mistake in !files.contains { Self.isSame($0, mistake.path) } }
    let diagnostics = try others + files.flatMap { try self.diagnostics(of: $0, installation) }
    if output.isJSON {
      try Console.json(diagnostics.map(\.report))
    } else {
      for diagnostic in diagnostics { Console.print(diagnostic.shown(with: Console.styled)) }
      summarize(diagnostics)
    }
    if diagnostics.contains(where: { $0.severity == .error }) { throw ExitCode.badFile }
  }

  private static func isSame(_ path: String, _ other: String) -> Bool {
    URL(fileURLWithPath: path).standardizedFileURL == URL(fileURLWithPath: other).standardizedFileURL
  }

  private func diagnostics(of path: String, _ installation: Installation?) throws -> [Diagnostic] {
    let file: SourceFile
    do {
      file = try SourceFile.read(path)
    } catch {
      return [error.diagnostic]
    }
    switch DocumentKind(guessing: file) {
    case .pipeline:
      return PipelineParser(installation: installation, kinds: installation == nil ? [] : Workshop.current.kinds)
        .parse(file).diagnostics
    case .installation: return Loader.installationParser(for: path).parse(file).diagnostics
    case .plugin: return PluginParser().parse(file).diagnostics
    case .scenario:
      return ScenarioParser().parse(file) { name throws(UnusablePipeline) in
        try Loader.pipeline(of: name, besides: path)
      }
      .diagnostics
    }
  }

  private func summarize(_ diagnostics: [Diagnostic]) {
    let errors = diagnostics.count { $0.severity == .error }
    let warnings = diagnostics.count - errors
    let paths = Set(diagnostics.map(\.path)).union(files)
    let subject = paths.count == 1 ? files[0] : "\(paths.count) files"
    if diagnostics.isEmpty {
      Console.print("\(subject): valid")
    } else {
      Console.error(
        "\(subject): \(errors) error\(errors == 1 ? "" : "s"), \(warnings) warning\(warnings == 1 ? "" : "s")")
    }
  }
}
