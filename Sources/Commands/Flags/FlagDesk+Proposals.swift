import ControlAPI
import Controller
import Engine
import Flags
import Narrative
import PipelineModel
import SQLiteStore

extension FlagDesk {
  /// What somebody looks at who is to approve it: who asks for what and why, what would change, who would move, and the
  /// hash that an approval is bound to.
  func lines(of proposal: FlagProposal) throws -> [String] {
    let name = proposal.revision.name
    let base = try access.reading().flag(name, revision: proposal.revision.number - 1)?.revision
    let because = proposal.reason.map { " (reason: \($0.onOneLine))" } ?? ""
    return [
      Console.styled("proposal \(proposal.id): \(name) to be \(proposal.revision.change.phrase)", .bold),
      "asked for by \(proposal.requester.phrase) at \(proposal.requestedAt.rfc3339)\(because)",
      proposal.state.phrase(of: proposal, by: proposal.requester), "hash \(proposal.hash)",
    ] + FlagText.difference(from: base, to: proposal.revision)
      + MoversReport(name, Reckoning(from: base, to: proposal.revision, at: proposal.due ?? .wall)).lines
  }
}
