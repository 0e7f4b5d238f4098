import ArgumentParser
import Engine
import PipelineModel

struct FlagOn: FlagChangeCommand {
  static let configuration = CommandConfiguration(
    commandName: "on", abstract: "Turns a flag on.",
    discussion: """
      Where it has a rule, the rule decides again. Without one everybody gets the variant that is true, or the one \
      given. A flag that was killed, or that a gate switched off, is turned on with a reason only.

      EXAMPLES
        headgate flag on new-checkout -e staging
        headgate flag on banner -e staging --for-everybody blue
        headgate flag on new-checkout -e production --reason "INC-88 is mended"
      """)

  @OptionGroup var subject: FlagSubject
  @Option(help: "The variant of everybody whom no rule gives another.") var forEverybody: String?
  @OptionGroup var change: FlagChangeOptions

  func deed(of name: FlagName, at desk: FlagDesk) -> FlagDeed { .turnOn(variant: forEverybody) }
}
