import ArgumentParser
import ControlAPI
import PipelineSyntax

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Explains what a pipeline would do, step by step.",
    discussion: """
      Weights, holds, gates with their number of looks, the shortest and the longest time, what is rolled back when, and \
      how much of the traffic a bad version could get. For comparisons, how many errors, and with known traffic how \
      long, each step needs until it can decide.

      EXAMPLES
        headgate plan checkout.yaml
        headgate plan checkout.yaml --traffic 200 --errors 0.5
      """)

  @Argument(help: "The pipeline.", completion: .file())
  var file: String

  @Option(help: "The usual requests a second over both versions, so that it says when a step can decide.")
  var traffic: Double?

  @Option(help: "The usual share of bad requests, in percent; beside --traffic.")
  var errors: Double?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func validate() throws {
    guard (traffic == nil) == (errors == nil) else { throw ValidationError("--traffic and --errors belong together") }
    guard traffic ?? 1 > 0, (errors ?? 1) > 0, (errors ?? 1) < 100 else {
      throw ValidationError("--traffic is more than 0, --errors between 0 and 100 percent")
    }
  }

  func run() throws {
    let loader = Loader()
    let (pipeline, _) = try loader.pipeline(file, installation: try loader.installation(store)?.0)
    let usual = traffic.flatMap { traffic in
      errors.map { StepDecision.Traffic(requests: traffic, bad: $0 / 100) }
    }
    let report = PlanReport(pipeline, traffic: usual)
    if output.isJSON { try Console.json(PlannedPipeline(report)) } else { Console.print(report.text) }
  }
}
