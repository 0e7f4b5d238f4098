import ArgumentParser
import ControlAPI
import Foundation
import PipelineModel
import PipelineSyntax

struct Test: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Runs every scenario under a folder as a test.",
    discussion: """
      A scenario is a file with `scenario:` at its beginning; the pipeline it names is relative to it. Exits with 1 when \
      an expectation does not hold, with 65 when a file is wrong.

      EXAMPLES
        headgate test Pipelines
        headgate test Pipelines --junit report.xml
      """)

  @Argument(help: "Folders and scenario files.", completion: .directory)
  var paths: [String]

  @Option(help: "Writes the results as JUnit XML.", completion: .file())
  var junit: String?

  @OptionGroup var output: FormatOption

  func run() throws {
    let files = try paths.flatMap(scenarios)
    guard !files.isEmpty else {
      throw Stop(code: .badFile, description: "no scenario under \(paths.joined(separator: ", "))")
    }
    var results: [TestResult] = []
    for file in files {
      let result = TestResult(of: file)
      results.append(result)
      if !output.isJSON { for line in result.lines { Console.print(line) } }
    }
    if let junit { try write(JUnit.document(results), to: junit) }
    try conclude(results)
  }

  private func conclude(_ results: [TestResult]) throws {
    let failed = results.count { !$0.failures.isEmpty }
    if output.isJSON {
      try Console.json(results)
    } else {
      Console.print("")
      Console.print("\(results.count - failed) passed, \(failed) failed")
    }
    if results.contains(where: \.isBroken) { throw ExitCode.badFile }
    if failed > 0 { throw ExitCode.negative }
  }

  private func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw Stop.unknown("\(path) could not be written: \(error.localizedDescription)")
    }
  }

  /// The scenario files at or under a path, in order of their names.
  private func scenarios(_ path: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Stop(code: .badFile, description: "\(path): there is no such file or folder")
    }
    guard isFolder.boolValue else { return [path] }
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
      .map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
      .filter { path in (try? SourceFile.read(path)).map { DocumentKind(guessing: $0) == .scenario } ?? false }
  }
}

/// What came of one scenario.
struct TestResult: Encodable {
  var path: String
  var scenario: String
  var failures: [String]
  /// The command that shows what happened; absent when all was as expected, or the file cannot be used.
  var see: String?
  /// The file, or its pipeline, cannot be used.
  var isBroken = false
  var outcome: String?
  var virtualSeconds: Double
  var realSeconds: Double

  init(of path: String) {
    self.path = path
    let start = ContinuousClock.now
    do {
      let (scenario, pipeline) = try Loader(warns: false).scenario(path)
      let report = try PreparedSimulation(scenario, pipeline, path: path).report(seed: nil)
      self.scenario = scenario.name
      failures = report.disappointments
      if !failures.isEmpty { see = Self.command(showing: scenario, at: path) }
      outcome = report.outcome
      virtualSeconds = report.seconds
    } catch {
      scenario = path
      failures = "\(error)".split(separator: "\n").map(String.init)
      isBroken = true
      virtualSeconds = 0
    }
    let took = (ContinuousClock.now - start).components
    realSeconds = Double(took.seconds) + Double(took.attoseconds) / 1e18
  }

  var lines: [String] {
    if failures.isEmpty { return [Console.styled("✓", .green) + " \(path): \(scenario)"] }
    return [Console.styled("✗", .red) + " \(path): \(scenario)"] + failures.map { "    \($0)" }
      + (see.map { ["    see it: \($0)"] } ?? [])
  }

  private static func command(showing scenario: Scenario, at path: String) -> String {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let pipeline = scenario.pipeline.hasPrefix("/") ? scenario.pipeline : folder + scenario.pipeline
    return "headgate simulate \(pipeline.quotedForShell) --scenario \(path.quotedForShell) --seed \(scenario.seed)"
  }
}

extension String {
  /// As one word of a command line.
  fileprivate var quotedForShell: String {
    let isPlain = allSatisfy { $0.isLetter || $0.isNumber || "/._-+:@%".contains($0) }
    return isPlain && !isEmpty ? self : "'" + replacing("'", with: #"'\''"#) + "'"
  }
}

/// JUnit's XML, as build servers read it.
enum JUnit {
  static func document(_ results: [TestResult]) -> String {
    let failed = results.count { !$0.failures.isEmpty }
    let seconds = results.reduce(0) { $0 + $1.realSeconds }
    var text = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
    text += "<testsuites tests=\"\(results.count)\" failures=\"\(failed)\" time=\"\(seconds)\">\n"
    text += "<testsuite name=\"headgate\" tests=\"\(results.count)\" failures=\"\(failed)\" time=\"\(seconds)\">\n"
    text += results.map(testCase).joined()
    return text + "</testsuite>\n</testsuites>\n"
  }

  private static func testCase(_ result: TestResult) -> String {
    let head =
      "<testcase classname=\"\(escaped(result.path))\" name=\"\(escaped(result.scenario))\" time=\"\(result.realSeconds)\""
    guard !result.failures.isEmpty else { return head + "/>\n" }
    return head + ">\n<failure message=\"\(escaped(result.failures[0]))\">"
      + escaped(result.failures.joined(separator: "\n")) + "</failure>\n</testcase>\n"
  }

  /// XML 1.0: markup escaped, characters it cannot hold replaced.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "\n": "&#10;"
      case "\t", "\r": " "
      case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": "\u{FFFD}"
      default: String(scalar)
      }
    }.joined()
  }
}
