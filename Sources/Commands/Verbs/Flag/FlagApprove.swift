import ArgumentParser
import Controller
import Engine
import PipelineModel

struct FlagApprove: FlagAnswerCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Approves a change that somebody else asked for.",
    discussion: """
      The approval is for what the proposal says now: when it is edited, it is void.
      Of a change that went past approvals it says that you have looked at it.

      EXAMPLE
        headgate flag approve 7 --reason "CHG-1207"
      """)

  @OptionGroup var options: FlagAnswerOptions
  @Option(help: "The hash of what you have looked at; unless given, of what it says now.") var hash: String?

  func act(on proposal: FlagProposal) -> FlagAct { .approve(proposal.id, hash: hash ?? proposal.hash) }
}
