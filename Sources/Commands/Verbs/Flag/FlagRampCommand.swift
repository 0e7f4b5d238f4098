import ArgumentParser
import ControlAPI
import Controller
import Engine
import Flags
import Foundation
import PipelineModel
import PipelineSyntax
import SQLiteStore

struct FlagRampCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ramp",
    abstract: "Gives a variant to more and more people, judged at each step, and takes it back when it does harm.",
    discussion: """
      A ramp is a run: watch, pause, resume, promote, abort and rollback are for it too, and `headgate show` tells it. \
      What is measured may name ${variant}, the variant that grows, and ${fromVariant}, the one that gives way. Where \
      changes want approvals, the run waits for them first. What a failed gate switches off stays off until a person \
      turns it on with a reason.

      EXAMPLES
        headgate flag ramp new-checkout --gate errors.yaml
        headgate flag ramp new-checkout --steps 1%,10%,50%,100% \\
          --hold 1h,4h,24h,1h --gate errors.yaml
        headgate flag ramp new-checkout --provider prometheus --pass 'value < 1%' \\
          --query 'checkout:errors:ratio1m{variant="${variant}"}'
        headgate flag ramp new-checkout --pipeline ramp.yaml
      """)

  @OptionGroup var subject: FlagSubject

  @Option(help: "Rising shares of the people, to a hundredth of a percent.")
  var steps = "1%,10%,50%,100%"

  @Option(
    help: ArgumentHelp(
      "How long each step is held; one for all, or one for each.",
      discussion: "Unless given, 1h,4h,24h,1h for the usual steps and 1h for others."))
  var hold: String?

  @Option(help: "The variant whose share grows.") var variant = "on"
  @Option(help: "The variant that gives way.") var from = "off"

  @Option(
    help: ArgumentHelp("What judges it: a file with `metrics:`, as pipelines have them."), completion: .file())
  var gate: String?

  @Option(help: "What judges it, in one query; beside --provider, and --pass or --fail.") var query: String?
  @Option(help: "Who answers the query.") var provider: String?
  @Option(name: .customLong("pass"), help: "A measurement passes when this is true: value < 1%") var pass: String?
  @Option(name: .customLong("fail"), help: "A measurement fails when this is true.") var fail: String?
  @Option(help: "Time between two looks.") var every = "1m"

  @ArgumentParser.Flag(help: "Nothing judges it.") var ungated = false

  @Option(help: "Runs this pipeline instead of one that is made here.", completion: .file())
  var pipeline: String?

  @ArgumentParser.Flag(help: "Print the pipeline that would be run, and do nothing.") var print = false

  @OptionGroup var movers: MoversOptions
  @OptionGroup var view: ViewOptions
  @OptionGroup var identity: IdentityOptions

  func validate() throws {
    if pipeline != nil { return }
    if [gate != nil, query != nil, ungated].count(where: { $0 }) != 1 {
      throw ValidationError(
        "say what judges the ramp: --gate FILE, or --query with --provider and --pass; or --ungated")
    }
    if query != nil, provider == nil || (pass == nil && fail == nil) {
      throw ValidationError("--query needs --provider, and --pass or --fail")
    }
  }

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let name = try desk.name(subject)
    let head = try desk.existing(name).revision
    guard let installation = try Loader(warns: false).installation(subject.place.store, .used) else {
      throw Stop(
        code: .badFile, description: "there is no headgate.yaml here, so it is not known where metrics come from")
    }
    let (text, path, ramped) = try text(of: head, desk, installation.0)
    if print { return Console.print(text) }
    guard let ramp = ramped.stages.lazy.compactMap(\.ramp).first(where: { $0.name == name }) else {
      throw Stop(code: .badFile, description: "\(path) has no `flag: \(name.key)` stage in \(name.environment)")
    }
    try tellWhoMoves(ramp, head)
    if !movers.yes { try confirm(ramp) }
    let session = Session(access: desk.access, identity: identity, view: view.view)
    try session.begin(
      rules: desk.rules, backends: RehearsalOptions.backends(of: installation, desk.access))
    try session.finish(session.ask(.start(StartRequest(text: text, path: path, parameters: []))))
  }

  private func text(
    of head: FlagRevision, _ desk: FlagDesk, _ installation: Installation
  ) throws -> (text: String, path: String, Pipeline) {
    if let pipeline {
      let (parsed, text) = try Loader().pipeline(pipeline, installation: installation)
      return (text, pipeline, parsed)
    }
    let path = "headgate flag ramp \(head.name.key)"
    let policy = desk.policy.environment(head.name.environment) ?? .standard(head.name.environment)
    var wanted = RampText(
      head: head, policy: policy, approvals: policy.approvals, variant: variant, from: from,
      steps: try RampText.steps(steps, hold), every: every)
    if let gate { wanted.metrics = String(decoding: try Loader().read(gate).bytes, as: UTF8.self) }
    if let query, let provider {
      wanted.metrics = RampText.metric(query: query, provider: provider, pass: pass, fail: fail)
    }
    // Once without a gate, to learn what the metrics are called, and how many move in all.
    let plain = try parsed(wanted.text, path, installation, warns: false)
    wanted.gate = plain.metrics.map(\.name)
    if let ramp = plain.stages.lazy.compactMap(\.ramp).first {
      let ramped = try negative { () throws(Refusal) in try head.ramped(by: ramp) }
      wanted.approvals = policy.approvals(from: head, to: ramped, at: .wall).needed
    }
    return (wanted.text, path, try parsed(wanted.text, path, installation, warns: true))
  }

  private func parsed(
    _ text: String, _ path: String, _ installation: Installation, warns: Bool
  ) throws -> Pipeline {
    let parsed = PipelineParser(installation: installation, kinds: Workshop.current.kinds).parse(text, path: path)
    guard let pipeline = parsed.value else { throw FileRefusal(diagnostics: parsed.diagnostics) }
    if warns { for diagnostic in parsed.diagnostics { Console.error(diagnostic.description) } }
    return pipeline
  }

  // MARK: Who moves

  private func tellWhoMoves(_ ramp: FlagRamp, _ head: FlagRevision) throws {
    let people = try movers.contexts.map { try Contexts(file: $0).people }
    for step in ramp.steps {
      let next = try negative { () throws(Refusal) in try head.ramped(by: ramp, to: step.weight) }
      let report = MoversReport(head.name, Reckoning(from: head, to: next, over: people, at: .wall))
      if view.output.isJSON {
        try Console.jsonLine(report)
      } else {
        Console.print(
          (["at \(step.weight), for \(step.hold):"] + report.lines.map { "  " + $0 }).joined(separator: "\n"))
      }
    }
  }

  private func negative<Value>(_ body: () throws(Refusal) -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      throw Stop.negative(error.description)
    }
  }

  private func confirm(_ ramp: FlagRamp) throws {
    let question = "ramp \(ramp.key) in \(ramp.environment)"
    guard isatty(STDIN_FILENO) == 1, !view.output.isJSON else {
      throw Stop(
        code: .wrongUsage, description: "nobody is there to ask whether to \(question); add --yes when it is meant")
    }
    guard case .line(let line) = Question(text: "R\(question.dropFirst())? [y/N]").ask(meanwhile: { .quiet }),
      ["y", "yes"].contains(line.lowercased())
    else { throw Stop.negative("left as it is") }
  }
}
