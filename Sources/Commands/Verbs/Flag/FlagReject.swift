import ArgumentParser
import Engine
import PipelineModel

struct FlagReject: FlagAnswerCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Says no to a change, or takes back one's own.",
    discussion: """
      EXAMPLE
        headgate flag reject 7 --reason "not before the sale"
      """)

  @OptionGroup var options: FlagAnswerOptions

  func act(on proposal: FlagProposal, at desk: FlagDesk) -> FlagAct { .reject(proposal.id) }
}
