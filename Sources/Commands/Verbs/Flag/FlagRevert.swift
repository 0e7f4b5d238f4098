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
    if let to { return .revert(to: to) }
    let newest = try desk.existing(name).revision.number
    guard newest > 1 else {
      throw Stop.negative("\(name) is at its first revision: there is nothing before it to go back to")
    }
    return .revert(to: newest - 1)
  }
}
