import ArgumentParser
import Engine
import PipelineModel
import SQLiteStore

struct FlagKill: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill", abstract: "Turns a flag off at once, and keeps it off.",
    discussion: """
      Waits for no approval, asks no question, stops a ramp. The flag stays off until a \
      person turns it on with a reason. One that was killed already is left as it is.

      EXAMPLE
        headgate flag kill new-checkout -e production --reason INC-88
      """)

  @OptionGroup var subject: FlagSubject
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let name = try desk.name(subject)
    let entries = try desk.ask(.wish(FlagWish(name, .kill)), by: identity)
    if entries.isEmpty, !output.isJSON {
      let revision = try desk.existing(name).revision.number
      return Console.print("\(name) is off and latched already, since revision \(revision)")
    }
    try desk.report(entries, [], output)
  }
}
