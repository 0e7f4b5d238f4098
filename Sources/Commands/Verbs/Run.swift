import ArgumentParser
import Controller
import Engine
import Foundation
import PipelineModel
import SQLiteStore

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Takes a version through a pipeline, and shows how it goes.",
    discussion: """
      Drives the store from this terminal, and whatever else was left unfinished in it; when another controller drives
      it already, the run is handed to that one, and watched from here. Ctrl-C asks what to do.

      EXAMPLES
        headgate run checkout.yaml --set version=4f2a9c1
        headgate run checkout.yaml --set version=4f2a9c1 --reason OPS-481 --format json
        headgate run checkout.yaml --set version=4f2a9c1 --scenario bad.yaml --speed 300   a rehearsal
      """)

  @Argument(help: "The pipeline.", completion: .file())
  var file: String

  @Option(name: .customLong("set"), help: ArgumentHelp("A parameter of the pipeline.", valueName: "name=value"))
  var parameters: [String] = []

  @Option(
    help: ArgumentHelp(
      "Rehearses: every backend is simulated as this scenario says.",
      discussion: "The controller, the store and the audit log are the real ones."), completion: .file())
  var scenario: String?

  @Option(help: "How much faster than real time a rehearsal goes.")
  var speed: Double = 1

  @Flag(help: "Although this version was rolled back here before.")
  var again = false

  @OptionGroup var view: ViewOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions

  func validate() throws {
    if speed <= 0 || !speed.isFinite { throw ValidationError("--speed must be more than 0") }
    if speed != 1, scenario == nil {
      throw ValidationError("--speed is for rehearsals: real users and backends live in real time; add --scenario")
    }
    if again, identity.reason == nil { throw ValidationError("--again needs a --reason") }
  }

  func run() throws {
    let loader = Loader()
    let installation = try scenario == nil ? required(loader.installation(store)) : loader.installation(store)
    let (pipeline, text) = try loader.pipeline(file, installation: scenario == nil ? installation?.0 : nil)
    let given = try Assignments(parameters)
    _ = try given.bound(to: pipeline)
    let access = try StoreAccess(store, installation: installation)
    let session = Session(access: access, identity: identity, view: view)
    try session.begin(speed: speed, backends: try backends(installation, pipeline, access))
    let request = StartRequest(
      text: text, path: file, parameters: given.values.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) },
      again: again)
    try session.finish(session.start(request))
  }

  private func required(
    _ installation: (Installation, baseDirectory: String)?
  ) throws -> (Installation, baseDirectory: String)? {
    guard installation == nil else { return installation }
    throw Stop(
      code: .badFile,
      description: """
        there is no headgate.yaml here, so it is not known where metrics come from and what moves the traffic.
        Write one (see `headgate schema installation`), name one with --config, or rehearse with --scenario.
        """)
  }

  private func backends(
    _ installation: (Installation, baseDirectory: String)?, _ pipeline: Pipeline, _ access: StoreAccess
  ) throws -> @Sendable (Clock) throws -> Backends {
    let workshop = Workshop.current
    guard let path = scenario else {
      return Self.backends(of: installation, access)
    }
    let (scenario, _) = try Loader().scenario(path, pipeline: pipeline)
    let plan = Plan(pipeline)
    let state = access.stateDirectory
    return { clock in workshop.simulated(scenario, plan, .init(baseDirectory: ".", stateDirectory: state, now: { clock.now })) }
  }

  /// The backends of an installation, made when the clock is known.
  static func backends(
    of installation: (Installation, baseDirectory: String)?, _ access: StoreAccess
  ) -> @Sendable (Clock) throws -> Backends {
    let workshop = Workshop.current
    let state = access.stateDirectory
    let (model, base) = installation ?? (Installation(store: access.path), ".")
    return { clock in
      try workshop.backends(model, .init(baseDirectory: base, stateDirectory: state, now: { clock.now }))
    }
  }
}

extension StoreAccess {
  /// Files of the backends stand beside the store.
  var stateDirectory: String { path + ".state" }
}

struct ViewOptions: ParsableArguments {
  @Flag(help: "Every single measurement too.")
  var verbose = false

  @Flag(help: "Lines only, no block that is drawn anew; the default when this is no terminal.")
  var plain = false

  @OptionGroup var output: FormatOption
}
