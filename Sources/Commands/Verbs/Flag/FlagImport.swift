import ArgumentParser
import Engine
import Flags
import PipelineModel
import SQLiteStore

struct FlagImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Takes over the flags of a file: those that are new or differ.",
    discussion: """
      All of them or none. Who moves is said for each; where approvals are wanted each \
      flag becomes a proposal of its own. Of another system's file it is said what cannot \
      be carried over, and who gets another variant here than there; when a flag had to be left out, it ends with 65.

      EXAMPLES
        headgate flag import flags.json -e staging
        headgate flag import flags.json -e production --owner payments --yes
        headgate flag import unleash.json --from unleash -e production --dry-run
      """)

  @Argument(help: "The file.", completion: .file()) var file: String
  @Option(help: "Whose file it is: flagd, unleash or goff (GO Feature Flag, YAML or JSON).") var from = FlagFileKind
    .flagd
  @Option(help: "Of a file with several environments, which one to take; the one of the same name, unless given.")
  var fromEnvironment: String?
  @ArgumentParser.Flag(help: "Of another system's file: only say what would come of it.") var dryRun = false
  @OptionGroup var place: FlagPlaceOptions
  @Option(help: "Team or person to ask about those that are new.") var owner: String?
  @Option(help: "Generation of `fractional`: v1, v2 or v3.") var fractional: DraftOptions.GenerationChoice?
  @ArgumentParser.Flag(help: "Do it past approvals. Needs a reason, and is listed for review.") var breakGlass = false
  @OptionGroup var movers: MoversOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let desk = try FlagDesk(place.store)
    let environment = try desk.environment(place.environment)
    let generation = fractional.flatMap { Generation(rawValue: $0.rawValue) }
    let known = try desk.reading()?.flags(environment: environment) ?? []
    let contracts = Dictionary(known.map { ($0.revision.name.key, $0.revision.contract.agreed) }) { first, _ in first }
    let text = try FlagText(file: file)
    var isWhole = true
    let flags: [(key: String, definition: FlagDefinition, purpose: String?)]
    if let source = from.source {
      let foreign = try ForeignFile(file, from: source, environment: fromEnvironment ?? environment)
      try report(foreign)
      isWhole = foreign.isWhole
      if dryRun { return try end(isWhole) }
      flags = foreign.flags.map { ($0.flag.key, FlagDefinition($0.definition.object ?? JSONObject()), $0.purpose) }
    } else {
      flags = try text.definitions(generation ?? .standard).map { ($0.key, $0.definition, nil) }
    }
    for flag in flags { try text.mustFit(flag.key, flag.definition) }
    let wishes = flags.map { key, definition, purpose in
      FlagWish(
        FlagName(environment: environment, key: key),
        .import(
          FlagDraft(
            definition: definition.canonical, contract: contracts[key] ?? FlagContract(owner: owner, purpose: purpose),
            generation: generation)),
        breaksGlass: breakGlass)
    }
    try desk.change(.wishes(wishes), by: identity, movers, output)
    try end(isWhole)
  }

  private func end(_ isWhole: Bool) throws { if !isWhole { throw ExitCode.badFile } }

  func validate() throws {
    if from == .flagd, dryRun || fromEnvironment != nil {
      throw ValidationError(
        "--dry-run and --from-environment are for files of other systems, named with --from; of a flagd document it is "
          + "said who moves before anything is asked for")
    }
  }

  /// What is left out, and who gets something else; as JSON only when that is all that is asked for.
  private func report(_ foreign: ForeignFile) throws {
    for diagnostic in foreign.diagnostics { Console.error(diagnostic.shown(with: Console.styledForErrors)) }
    let reports = foreign.reports(over: try movers.contexts.map { try Contexts(file: $0).people })
    if output.isJSON {
      if dryRun { try Console.json(reports) }
    } else {
      for line in reports.flatMap(\.lines) { Console.print(line) }
    }
    if foreign.flags.isEmpty { throw Stop(code: .badFile, description: "\(foreign.path): no flag can be carried over") }
  }
}

enum FlagFileKind: String, ExpressibleByArgument, CaseIterable {
  case flagd, unleash, goff

  /// `nil`: it is ours.
  var source: ForeignFlags.Source? { ForeignFlags.Source(rawValue: rawValue) }
}
