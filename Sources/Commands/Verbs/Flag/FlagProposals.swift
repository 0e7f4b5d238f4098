import ArgumentParser
import ControlAPI
import Controller
import Engine
import Narrative
import PipelineModel
import SQLiteStore

struct FlagProposals: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proposals", abstract: "Changes that wait for people or their time, or for review.",
    discussion: """
      EXAMPLES
        headgate flag proposals
        headgate flag proposals 7
        headgate flag proposals --all
      """)

  @Argument(help: "Only this one, with what it says.") var proposal: Int64?
  @ArgumentParser.Flag(help: "Those that are over, too.") var all = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let desk = try FlagDesk(store)
    let reading = try desk.access.reading()
    if let proposal {
      guard let found = try reading.proposal(proposal) else { throw Stop.unknown("there is no proposal \(proposal)") }
      return try show(found, desk)
    }
    let proposals = try reading.proposals(all: all)
    if output.isJSON { return try Console.json(proposals.map { ProposalSummary($0) }) }
    if proposals.isEmpty { return Console.print("no proposals") }
    var table = Table(header: ["PROPOSAL", "FLAG", "ENVIRONMENT", "CHANGE", "BY", "APPROVALS", "STATE"])
    table.rows = proposals.map(row)
    for line in table.lines { Console.print(line) }
  }

  private func row(_ proposal: FlagProposal) -> [String] {
    [
      "\(proposal.id)", proposal.revision.name.key, proposal.revision.name.environment,
      proposal.revision.change.phrase, proposal.requester.phrase,
      "\(proposal.approvals.count) of \(proposal.approvalsNeeded)", proposal.state.word,
    ]
  }

  private func show(_ proposal: FlagProposal, _ desk: FlagDesk) throws {
    if output.isJSON { return try Console.json(ProposalSummary(proposal)) }
    for line in try desk.lines(of: proposal) { Console.print(line) }
  }
}
