import ArgumentParser
import Engine
import PipelineModel
import SQLiteStore

struct FlagSetVerb: FlagChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Changes a flag's definition, or what was agreed about it.",
    discussion: """
      What is not given stays as it is. With --if-revision the change is refused when
      somebody else was faster. With --propose it waits for somebody to approve it,
      also where nobody has to.

      EXAMPLES
        headgate flag set new-checkout -e staging --file new-checkout.json
        headgate flag set new-checkout -e staging --owner search --if-revision 4
        headgate flag set banner -e production --at 2026-12-01T08:00:00Z \\
          --rule '{"fractional": [["red", 10], ["blue", 90]]}'
      """)

  @OptionGroup var subject: FlagSubject
  @OptionGroup var draft: DraftOptions
  @OptionGroup var change: FlagChangeOptions

  func deed(of name: FlagName, at desk: FlagDesk) throws -> FlagDeed {
    .set(try draft.draft(of: name.key, after: try desk.existing(name).revision))
  }
}
