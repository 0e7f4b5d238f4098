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
      Drives the store from this terminal, and whatever else was left unfinished in it; when another controller drives \
      it already, the run is handed to that one, and watched from here. Stays until all that it drives has ended, also \
      when its own run is refused. Ctrl-C asks what to do.

      EXAMPLES
        headgate run checkout.yaml --set version=4f2a9c1
        headgate run checkout.yaml --set version=4f2a9c1 --reason OPS-481
        headgate run checkout.yaml --set version=4 --change emergency --reason INC-7
        headgate run checkout.yaml --set version=4 --scenario bad.yaml --speed 300
      The last one is a rehearsal.
      """)

  @Argument(help: "The pipeline.", completion: .file())
  var file: String

  @Option(name: .customLong("set"), help: ArgumentHelp("A parameter of the pipeline.", valueName: "name=value"))
  var parameters: [String] = []

  @Flag(help: "Although this version was rolled back here before.")
  var again = false

  @Option(
    help: ArgumentHelp(
      "What the change is for: feature, reliability, security or emergency. All but the first need a --reason.",
      discussion: "An error budget that is spent lets the last three through; headgate.yaml says who may claim them."))
  var change: ChangeKind?

  @OptionGroup var rehearsal: RehearsalOptions
  @OptionGroup var view: ViewOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions

  func validate() throws {
    if let change, change != .feature, identity.reason == nil {
      throw ValidationError("--change \(change.rawValue) needs a --reason")
    }
    if again, identity.reason == nil { throw ValidationError("--again needs a --reason") }
  }

  func run() throws {
    let loader = Loader()
    let installation = try required(loader.installation(store, .used))
    let (pipeline, text) = try loader.pipeline(file, installation: rehearsal.isRehearsal ? nil : installation?.0)
    if !rehearsal.isRehearsal { try installation?.0.refuseBrokenNotifiers() }
    let given = try Assignments(parameters)
    _ = try given.bound(to: pipeline)
    let access = try StoreAccess(store, installation: installation, isRehearsal: rehearsal.isRehearsal)
    try rehearsal.check(access)
    let session = Session(access: access, identity: identity, view: view.view, rehearsal: rehearsal.hint)
    try session.begin(
      speed: rehearsal.speed, rules: rehearsal.rules(for: pipeline, installation?.0),
      backends: try rehearsal.backends(for: pipeline, installation, access))
    let request = StartRequest(
      text: text, path: file,
      parameters: given.values.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) },
      again: again, change: change)
    try session.finish(session.ask(.start(request)))
  }

  private func required(
    _ installation: (Installation, baseDirectory: String)?
  ) throws -> (Installation, baseDirectory: String)? {
    if rehearsal.isRehearsal || installation != nil { return installation }
    throw Stop(
      code: .badFile,
      description: """
        there is no headgate.yaml here, so it is not known where metrics come from and what moves the traffic.
        Write one (see `headgate schema installation`), name one with --config, or rehearse with --scenario.
        """)
  }
}

extension Installation {
  /// Those whom every run tells; a pipeline's own are looked at where it names them.
  fileprivate func refuseBrokenNotifiers() throws {
    let broken = notify.compactMap { told in notifiers.first { $0.name == told.notifier && $0.fault != nil } }
    guard let first = broken.first, let fault = first.fault else { return }
    throw Stop(
      code: .badFile,
      description: "every run tells the notifier \"\(first.name)\", and it cannot be used: \(fault)")
  }
}

extension ChangeKind: ExpressibleByArgument {}

struct ViewOptions: ParsableArguments {
  @Flag(help: "Every single measurement too.")
  var verbose = false

  @Flag(help: "Lines only, no block that is drawn anew; the default when this is no terminal.")
  var plain = false

  @OptionGroup var output: FormatOption

  var view: View { View(isVerbose: verbose, isPlain: plain, isJSON: output.isJSON) }
}

/// How a run is shown.
struct View {
  var isVerbose = false
  var isPlain = false
  var isJSON = false
}
