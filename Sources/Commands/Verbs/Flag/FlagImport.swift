import ArgumentParser
import Engine
import Flags
import PipelineModel
import SQLiteStore

struct FlagImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Takes over the flags of a file: those that are new or differ.",
    discussion: """
      All of them or none. Who moves is said for each; where approvals are wanted each
      flag becomes a proposal of its own.

      EXAMPLES
        headgate flag import flags.json -e staging
        headgate flag import flags.json -e production --owner payments --yes
      """)

  @Argument(help: "The file, a flagd document.", completion: .file()) var file: String
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
    let wishes = try FlagText(file: file).definitions(generation ?? .standard).map { key, definition in
      FlagWish(
        FlagName(environment: environment, key: key),
        .import(
          FlagDraft(
            definition: definition.canonical, contract: contracts[key] ?? FlagContract(owner: owner),
            generation: generation)),
        breaksGlass: breakGlass)
    }
    try desk.change(.wishes(wishes), by: identity, movers, output)
  }
}
