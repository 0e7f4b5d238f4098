import ArgumentParser
import Engine
import PipelineModel
import SQLiteStore

struct FlagRevert: FlagChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "revert", abstract: "Makes a flag say again what an earlier revision said.",
    discussion: """
      As a new revision: nothing is taken out of the history.

      EXAMPLES
        headgate flag revert new-checkout -e staging
        headgate flag revert new-checkout -e staging --to 4 --reason "wrong rule"
      """)

  @OptionGroup var subject: FlagSubject
  @Option(help: "The revision; unless given, the one before the newest.") var to: Int64?
  @OptionGroup var change: FlagChangeOptions

  func deed(of name: FlagName, at desk: FlagDesk) throws -> FlagDeed {
    .revert(to: try to ?? desk.existing(name).revision.number - 1)
  }
}
