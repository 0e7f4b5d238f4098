import ArgumentParser
import Engine
import PipelineModel
import SQLiteStore

struct FlagAmend: FlagAnswerCommand {
  static let configuration = CommandConfiguration(
    commandName: "amend", abstract: "Edits a change that waits. Approvals it has are void.",
    discussion: """
      Whoever edits it asks for it from then on, and may not approve it.

      EXAMPLE
        headgate flag amend 7 --file new-checkout.json
      """)

  @OptionGroup var options: FlagAnswerOptions
  @OptionGroup var draft: DraftOptions

  func act(on proposal: FlagProposal, at desk: FlagDesk) throws -> FlagAct {
    .amend(proposal.id, try draft.draft(of: proposal.revision.name.key, after: proposal.revision))
  }
}
