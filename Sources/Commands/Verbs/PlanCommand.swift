import ArgumentParser
import ControlAPI
import PipelineSyntax

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Explains what a pipeline would do, step by step.",
    discussion: """
      Weights, holds, gates with their number of looks, the shortest and the longest time, what is rolled back when, and \
      how much of the traffic a bad version could get.

      EXAMPLE
        headgate plan checkout.yaml
      """)

  @Argument(help: "The pipeline.", completion: .file())
  var file: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let loader = Loader()
    let (pipeline, _) = try loader.pipeline(file, installation: try loader.installation(store)?.0)
    let report = PlanReport(pipeline)
    if output.isJSON { try Console.json(PlannedPipeline(report)) } else { Console.print(report.text) }
  }
}
