import ArgumentParser
import Engine
import PipelineModel

struct FlagKill: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill", abstract: "Turns a flag off at once, and keeps it off.",
    discussion: """
      Waits for no approval, asks no question, stops a ramp. The flag stays off until a \
      person turns it on with a reason.

      EXAMPLE
        headgate flag kill new-checkout -e production --reason INC-88
      """)

  @OptionGroup var subject: FlagSubject
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let act = FlagAct.wish(FlagWish(try desk.name(subject), .kill))
    try desk.report(try desk.ask(act, by: identity), [], output)
  }
}
