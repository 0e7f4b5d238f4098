package import ArgumentParser

/// The command line's root: one file per verb in `Verbs/`.
package struct Headgate: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "headgate",
    abstract: "Takes a new version through checks, approvals and traffic steps, and takes it back by itself.",
    discussion: """
      EXAMPLES
        headgate validate checkout.yaml                     every mistake of a file
        headgate simulate checkout.yaml --scenario bad.yaml try it in virtual time
        headgate run checkout.yaml --set version=4f2a9c1    ship
        headgate status                                     what is rolling out now
        headgate rollback 41 --reason "errors in the app"   take it back

      EXIT CODES
        0   done: promoted, valid, verified
        1   the run failed or was rolled back; the audit log does not verify;
            an expectation does not hold; what was asked for was refused
        2   could not tell: the controller, store or provider was out of reach,
            or you left before the end
        64  wrong usage
        65  the file given is wrong
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Pipelines", subcommands: [Validate.self, PlanCommand.self, Simulate.self, Test.self, SchemaCommand.self]),
      CommandGroup(
        name: "Runs",
        subcommands: [RunCommand.self, Attach.self, Status.self, WatchCommand.self, Show.self, History.self]),
      CommandGroup(
        name: "Acts",
        subcommands: [
          Approve.self, Reject.self, Pause.self, Resume.self, Promote.self, Abort.self, RollbackCommand.self,
        ]),
      CommandGroup(name: "Flags", subcommands: [FlagCommand.self]),
      CommandGroup(name: "Serving", subcommands: [Serve.self]),
      CommandGroup(
        name: "Records",
        subcommands: [
          TimelineCommand.self, SuspectsCommand.self, IncidentCommand.self, FreezeCommand.self, AuditCommand.self,
          NotifyCommand.self,
        ]),
      CommandGroup(name: "Plugins", subcommands: [PluginCommand.self]),
      CommandGroup(name: "Measuring", subcommands: [LabCommand.self]),
      CommandGroup(name: "Shell", subcommands: [Completion.self]),
    ])

  package init() {}
}
