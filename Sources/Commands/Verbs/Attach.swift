import ArgumentParser
import Controller
import PipelineModel

struct Attach: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Goes on driving a run that was left, and whatever else is unfinished in the store.",
    discussion: """
      After a crash, a kill or a detach: every run goes on where it was, no step is skipped, and nothing is done twice
      that its receiver would count twice. Refused while another controller drives the store; `headgate watch` only
      looks.

      EXAMPLE
        headgate attach 41
      """)

  @OptionGroup var subject: RunArgument
  @OptionGroup var view: ViewOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions

  func run() throws {
    let installation = try Loader().installation(store)
    let access = try StoreAccess(store, installation: installation)
    let session = Session(access: access, identity: identity, view: view)
    try session.begin(orWatch: false, backends: RunCommand.backends(of: installation, access))
    try session.finish(RunID(subject.number))
  }
}
