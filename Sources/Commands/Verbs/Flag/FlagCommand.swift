import ArgumentParser
import Engine
import PipelineModel
import SQLiteStore

struct FlagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flag", abstract: "Makes, changes, explains and lists feature flags.",
    discussion: """
      A flag is a flagd definition in one environment, with an owner and an end. Every change is an entry of the audit log; \
      who moves is said before it is asked for. Where headgate.yaml wants approvals a change waits for other people; a \
      kill never.

      EXAMPLES
        headgate flag create new-checkout -e staging --owner payments
        headgate flag on new-checkout -e staging
        headgate flag set new-checkout -e staging --rule @rule.json
        headgate flag kill new-checkout -e production --reason INC-88
        headgate flag eval new-checkout -e production --key user-7 --explain
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "Changing",
        subcommands: [
          FlagCreate.self, FlagSetVerb.self, FlagOn.self, FlagOff.self, FlagKill.self, FlagRevert.self,
          FlagRampCommand.self, FlagArchive.self, FlagImport.self,
        ]),
      CommandGroup(
        name: "Approving",
        subcommands: [FlagPropose.self, FlagProposals.self, FlagApprove.self, FlagReject.self, FlagAmend.self]),
      CommandGroup(
        name: "Looking",
        subcommands: [
          FlagList.self, FlagShow.self, FlagDiff.self, FlagHistory.self, FlagEval.self, FlagSimulate.self,
          FlagExport.self,
        ]),
      CommandGroup(name: "Usage", subcommands: [FlagExposed.self, FlagStale.self]),
    ])
}

/// Changes one flag.
protocol FlagChangeCommand: ParsableCommand {
  var subject: FlagSubject { get }
  var change: FlagChangeOptions { get }
  func deed(of name: FlagName, at desk: FlagDesk) throws -> FlagDeed
}

extension FlagChangeCommand {
  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let name = try desk.name(subject)
    let deed = try deed(of: name, at: desk)
    if case .create = deed {} else { try desk.mustNotBeMistyped(name) }
    let wish = FlagWish(
      name, deed, ifRevision: change.ifRevision, at: change.at?.timestamp,
      onlyProposes: change.propose, breaksGlass: change.breakGlass)
    try desk.change(.wish(wish), by: change.identity, change.movers, change.output)
  }
}

/// Answers one proposal.
protocol FlagAnswerCommand: ParsableCommand {
  var options: FlagAnswerOptions { get }
  func act(on proposal: FlagProposal, at desk: FlagDesk) throws -> FlagAct
}

struct FlagAnswerOptions: ParsableArguments {
  @Argument(help: "The proposal's number.") var proposal: Int64
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption
}

extension FlagAnswerCommand {
  func run() throws {
    let desk = try FlagDesk(options.store)
    guard let proposal = try desk.access.reading().proposal(options.proposal) else {
      throw Stop.unknown("there is no proposal \(options.proposal); see `headgate flag proposals`")
    }
    try desk.report(try desk.ask(try act(on: proposal, at: desk), by: options.identity), [], options.output)
  }
}
