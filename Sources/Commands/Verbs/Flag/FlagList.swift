import ArgumentParser
import ControlAPI
import Engine
import Flags
import PipelineModel
import SQLiteStore

struct FlagList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Flags as they are.",
    discussion: """
      EXAMPLES
        headgate flag list
        headgate flag list -e production --service checkout-api --format json
      """)

  @Option(name: [.customShort("e"), .long], help: "Only this environment.") var environment: String?
  @Option(help: "Only flags that this service reads.") var service: String?
  @ArgumentParser.Flag(help: "Archived ones, too.") var archived = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let desk = try FlagDesk(store)
    let flags = try (desk.reading()?.flags(environment: environment) ?? []).filter { flag in
      (archived || !flag.revision.isArchived)
        && (service.map { flag.revision.contract.services.contains($0) } ?? true)
    }
    if output.isJSON { return try Console.json(flags.map { FlagSummary($0) }) }
    if flags.isEmpty { return Console.print("no flags") }
    var table = Table(header: ["FLAG", "ENVIRONMENT", "STATE", "DEFAULT", "REVISION", "CHANGED (UTC)", "BY", "OWNER"])
    table.rows = flags.map { row(FlagSummary($0, withDefinition: false), $0) }
    for line in table.lines { Console.print(line) }
  }

  private func row(_ flag: FlagSummary, _ recorded: RecordedRevision) -> [String] {
    [
      flag.key, flag.environment, flag.state, flag.defaultVariant ?? "", "\(flag.revision)",
      String(flag.changedAt.prefix(16)).replacing("T", with: " "), recorded.author, flag.owner ?? "",
    ]
  }
}
