import ArgumentParser
import Engine
import PipelineModel

struct FlagCreate: FlagChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Makes a flag, switched off.",
    discussion: """
      Without a file or variants it is a boolean flag, on and off, off by default.

      EXAMPLES
        headgate flag create new-checkout -e staging --owner payments \\
          --purpose "the new checkout" --expires 2027-01-31 --end-state on
        headgate flag create banner -e staging --variant red='"#f00"' \\
          --variant blue='"#00f"' --default blue
        headgate flag create search -e production --file flags.json
      """)

  @OptionGroup var subject: FlagSubject
  @OptionGroup var draft: DraftOptions
  @OptionGroup var change: FlagChangeOptions

  func deed(of name: FlagName, at desk: FlagDesk) throws -> FlagDeed {
    .create(try draft.draft(of: name.key, after: nil))
  }
}
