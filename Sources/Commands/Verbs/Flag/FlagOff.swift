import ArgumentParser
import Engine
import PipelineModel

struct FlagOff: FlagChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "off", abstract: "Turns a flag off: everybody gets the client's own default.",
    discussion: """
      A change like any other: it waits where approvals are wanted. What must happen at \
      once is `headgate flag kill`.

      EXAMPLE
        headgate flag off new-checkout -e staging
      """)

  @OptionGroup var subject: FlagSubject
  @OptionGroup var change: FlagChangeOptions

  func deed(of name: FlagName, at desk: FlagDesk) -> FlagDeed { .turnOff }
}
