import ArgumentParser
import ControlAPI
import Engine
import PipelineModel
import SQLiteStore

struct FlagPropose: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Asks others to approve a change, also where nobody has to.",
    discussion: """
      As `set --propose`. The proposal waits for one approval at least, on or off
      production.

      EXAMPLE
        headgate flag propose new-checkout -e staging --rule @rule.json
      """)

  @OptionGroup var subject: FlagSubject
  @OptionGroup var draft: DraftOptions
  @Option(help: "Only when the flag is at this revision.") var ifRevision: Int64?
  @Option(help: "Not before this instant: 2026-12-01T08:00:00Z. Approvals are given before.") var at: Instant?
  @OptionGroup var movers: MoversOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let name = try desk.name(subject)
    let draft = try draft.draft(of: name.key, after: try desk.existing(name).revision)
    let wish = FlagWish(name, .set(draft), ifRevision: ifRevision, at: at?.timestamp, onlyProposes: true)
    try desk.change(.wish(wish), by: identity, movers, output)
  }
}
