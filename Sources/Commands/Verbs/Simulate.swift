import ArgumentParser
import ControlAPI
import Engine
import Narrative
import PipelineModel
import Simulation

struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Runs a pipeline against a scenario, in virtual time.",
    discussion: """
      The engine is the one that drives production; a 24-hour observation takes no time. The same seed gives the same \
      run. Exits with 1 when an expectation of the scenario does not hold.

      EXAMPLES
        headgate simulate checkout.yaml --scenario bad.yaml
        headgate simulate checkout.yaml --scenario bad.yaml --seed 7 --verbose
        headgate simulate checkout.yaml --scenario good.yaml --seeds 1000
      """)

  @Argument(help: "The pipeline.", completion: .file())
  var file: String

  @Option(help: "The scenario.", completion: .file())
  var scenario: String

  @Option(help: "Instead of the scenario's own.")
  var seed: UInt64?

  @Option(help: "Runs the scenario with so many seeds, from its own or --seed on, and prints what came of them.")
  var seeds: Int?

  @Option(
    name: .customLong("set"), help: ArgumentHelp("A parameter, instead of the scenario's.", valueName: "name=value"))
  var parameters: [String] = []

  @Flag(help: "Every single measurement too.")
  var verbose = false

  @OptionGroup var output: FormatOption

  func run() throws {
    let (pipeline, _) = try Loader().pipeline(file)
    let (scenario, _) = try Loader().scenario(self.scenario, pipeline: pipeline)
    let simulation = try PreparedSimulation(scenario, pipeline, path: self.scenario, overriding: parameters)
    if let seeds { return try runMany(simulation, seeds) }
    let (report, sentences) = try simulation.told(seed: seed)
    if output.isJSON {
      try Console.json(report.with(sentences.filter(isShown).map(TimelineLine.init)))
    } else {
      for sentence in sentences where isShown(sentence) {
        Console.print(Console.line(sentence, since: simulation.elapsed(sentence)))
      }
      Console.print("")
      for line in report.summary { Console.print(line) }
    }
    if !report.disappointments.isEmpty { throw ExitCode.negative }
  }

  private func isShown(_ sentence: Sentence) -> Bool { verbose || sentence.tone != .detail }

  private func runMany(_ simulation: PreparedSimulation, _ count: Int) throws {
    guard count > 0 else { throw ValidationError("--seeds must be at least 1") }
    var census = Census()
    let first = seed ?? simulation.scenario.seed
    for offset in 0..<UInt64(count) { census.add(simulation.report(seed: first &+ offset)) }
    if output.isJSON { try Console.json(census) } else { for line in census.lines { Console.print(line) } }
    if census.disappointed > 0 { throw ExitCode.negative }
  }
}

/// What came of many seeds.
struct Census: Encodable {
  var runs = 0
  var outcomes: [String: Int] = [:]
  var disappointed = 0
  /// The first few seeds that did not come to what was expected.
  var examples: [UInt64] = []

  mutating func add(_ report: SimulationReport) {
    runs += 1
    outcomes[report.outcome ?? "did not end", default: 0] += 1
    guard !report.disappointments.isEmpty else { return }
    disappointed += 1
    if examples.count < 5 { examples.append(report.seed) }
  }

  var lines: [String] {
    var lines = outcomes.sorted { $0.value > $1.value }.map { name, count in
      "\(String(count).padding(to: 8)) \(name)"
    }
    lines.append("")
    lines.append(
      disappointed == 0
        ? "\(runs) seeds, all as expected"
        : "\(disappointed) of \(runs) seeds not as expected, for example --seed \(examples.map(String.init).joined(separator: ", "))"
    )
    return lines
  }
}
