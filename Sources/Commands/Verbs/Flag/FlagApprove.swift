import ArgumentParser
import Controller
import Engine
import PipelineModel

struct FlagApprove: FlagAnswerCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Approves a change that somebody else asked for.",
    discussion: """
      Shows what would change, who asks for it and who would move, and asks. The approval is for what was shown, or for \
      the hash that is given: when the proposal is edited, it is void.
      Of a change that went past approvals it says that you have looked at it.

      EXAMPLES
        headgate flag approve 7 --reason "CHG-1207"
        headgate flag approve 7 --hash sha256:6f1c… --reason "CHG-1207"
      """)

  @OptionGroup var options: FlagAnswerOptions
  @Option(help: "The hash of what you have looked at: then nothing is shown or asked.") var hash: String?
  @ArgumentParser.Flag(name: [.customShort("y"), .long], help: "Do not ask; show it and approve it.") var yes = false

  func act(on proposal: FlagProposal, at desk: FlagDesk) throws -> FlagAct {
    if let hash { return .approve(proposal.id, hash: hash) }
    let act = FlagAct.approve(proposal.id, hash: proposal.hash)
    if !options.output.isJSON { for line in try desk.lines(of: proposal) { Console.print(line) } }
    if !yes { try desk.confirm(act, options.output, option: "--hash \(proposal.hash)") }
    return act
  }
}
