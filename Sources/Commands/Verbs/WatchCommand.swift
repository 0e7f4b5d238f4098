import ArgumentParser
import PipelineModel

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Follows a run that somebody else drives.",
    discussion: """
      Ends with the run, with the code that its outcome means: 0 promoted, 1 rolled back or failed.

      EXAMPLE
        headgate watch 41
      """)

  @OptionGroup var subject: RunArgument
  @OptionGroup var view: ViewOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions

  func run() throws {
    let session = Session(access: try StoreAccess(store), identity: identity, view: view.view)
    try session.finish(RunID(subject.number))
  }
}
