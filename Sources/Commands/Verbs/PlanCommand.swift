import ArgumentParser
import ControlAPI
import Controller
import Engine
import PipelineModel
import PipelineSyntax
import SQLiteStore

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Explains what a pipeline would do, step by step.",
    discussion: """
      Weights, holds, gates with their number of looks, the shortest and the longest time, what is rolled back when, and \
      how much of the traffic a bad version could get. For comparisons, how many errors, and with known traffic how \
      long, each step needs until it can decide.

      Traffic on record, of a week for example, knows night from day: a file of lines `time,requests,bad`, or of JSON \
      objects with these members, or whatever a provider has on record of the version that runs now.

      EXAMPLES
        headgate plan checkout.yaml
        headgate plan checkout.yaml --traffic 200 --errors 0.5
        headgate plan checkout.yaml --traffic week.csv
        headgate plan checkout.yaml --from prometheus --over 7d --set version=4f2a9c1
      """)

  @Argument(help: "The pipeline.", completion: .file())
  var file: String

  @Option(
    help: "The usual requests a second over both versions, or a file of recorded traffic.",
    completion: .file())
  var traffic: String?

  @Option(help: "The usual share of bad requests, in percent; beside a number of requests.")
  var errors: Double?

  @Option(help: "Name of a provider in headgate.yaml to take recorded traffic from.")
  var from: String?

  @Option(help: "How far the provider is asked to look back.")
  var over: String = "7d"

  @Option(help: "Time between two points of what the provider has on record.")
  var step: String = "5m"

  @Option(name: .customLong("set"), help: ArgumentHelp("A parameter, for the queries.", valueName: "name=value"))
  var parameters: [String] = []

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  private var requests: Double? { traffic.flatMap(Double.init) }

  private static let mostRequests = 1e12

  func validate() throws {
    if let requests, !(requests > 0 && requests <= Self.mostRequests) {
      throw ValidationError("--traffic \(traffic ?? "") is no number of requests a second: more than 0, at most 1e12")
    }
    guard (requests == nil) == (errors == nil) else {
      throw ValidationError("--errors belongs to a --traffic in requests a second, and the reverse")
    }
    guard (0..<100).contains(errors ?? 1) else {
      throw ValidationError("--errors \(errors ?? 0) is no share: from 0 to less than 100 percent")
    }
    if from != nil, traffic != nil { throw ValidationError("--traffic and --from are two answers to one question") }
    if from != nil { _ = try range }
  }

  func run() throws {
    let loader = Loader()
    let installation = try loader.installation(store, .used)
    let (pipeline, _) = try loader.pipeline(file, installation: installation?.0)
    if !parameters.isEmpty { _ = try Assignments(parameters).bound(to: pipeline) }
    let report = PlanReport(pipeline, traffic: try usual(pipeline, installation, loader))
    if output.isJSON { try Console.json(PlannedPipeline(report)) } else { Console.print(report.text) }
  }

  private func usual(
    _ pipeline: Pipeline, _ installation: (Installation, baseDirectory: String)?, _ loader: Loader
  ) throws -> UsualTraffic? {
    if let requests, let errors { return UsualTraffic(common: .init(requests: requests, bad: errors / 100)) }
    if let traffic { return try loader.traffic(traffic, for: pipeline) }
    guard let from else { return nil }
    guard let installation else {
      throw Stop(
        code: .badFile, description: "there is no headgate.yaml here to know \(from) from; name one with --config")
    }
    return try record(of: from, pipeline, installation).traffic()
  }

  private var range: Metric.Range {
    get throws {
      do throws(UnitMistake) {
        let range = Metric.Range(over: try Interval(written: over), step: try Interval(written: step))
        if range.step > .zero, range.step < range.over, range.over.milliseconds / range.step.milliseconds <= 11_000 {
          return range
        }
      } catch {
        throw ValidationError("\(error.message); \(error.help)")
      }
      throw ValidationError("--step is more than nothing, less than --over, and no less than an 11000th of it")
    }
  }

  private func record(
    of provider: String, _ pipeline: Pipeline, _ installation: (Installation, baseDirectory: String)
  ) throws -> ProviderRecord {
    let access = try StoreAccess(store, installation: installation)
    let backends = Workshop.current.backends(
      installation.0,
      .init(baseDirectory: installation.baseDirectory, stateDirectory: access.stateDirectory, now: { .wall }))
    if let reason = backends.broken[.metrics]?[provider] {
      throw Stop(code: .badFile, description: "the provider \"\(provider)\" cannot be used: \(reason)")
    }
    let range = try range
    var values = Dictionary(
      try Assignments(parameters).bound(to: pipeline).map { ($0.name, $0.value) }
    ) { first, _ in first }
    values["stable"] = values["stable"] ?? stable(of: pipeline.target, access)
    values["interval"] = "\(max(1, range.step.milliseconds / 1000))s"
    values["service"] = pipeline.target.service
    values["environment"] = pipeline.target.environment
    values["pipeline"] = pipeline.name
    return ProviderRecord(
      pipeline: pipeline, provider: provider, range: range, values: values, backends: backends, now: .wall)
  }

  /// What the store says runs now.
  private func stable(of target: Target, _ access: StoreAccess) -> String? {
    (try? access.reading().targets())?.first { $0.target == target }?.stable.last?.version
  }
}
