import ArgumentParser
import Engine
import PipelineModel

struct FlagArchive: FlagChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive", abstract: "Puts a flag away that has done its work.",
    discussion: """
      It is served no more, and its history stays. `create` makes it anew.

      EXAMPLE
        headgate flag archive new-checkout -e staging --reason "on for everybody"
      """)

  @OptionGroup var subject: FlagSubject
  @OptionGroup var change: FlagChangeOptions

  func deed(of name: FlagName, at desk: FlagDesk) -> FlagDeed { .archive }
}
