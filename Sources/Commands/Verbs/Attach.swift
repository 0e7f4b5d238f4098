import ArgumentParser
import Controller
import Engine
import PipelineModel

struct Attach: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach",
    abstract: "Goes on driving a run that was left, and whatever else is unfinished in the store.",
    discussion: """
      After a crash, a kill or a detach: every run goes on where it was, no step is skipped, and nothing is done twice \
      that its receiver would count twice. Refused while another controller drives the store; `headgate watch` only \
      looks.

      EXAMPLES
        headgate attach 41
        headgate attach 2 --store rehearsal.db --scenario bad.yaml --speed 300
      The last one is a rehearsal. Its world begins anew with each process: traffic that was moved before is found at 0 %, \
      and moved again.
      """)

  @OptionGroup var subject: RunArgument
  @OptionGroup var rehearsal: RehearsalOptions
  @OptionGroup var view: ViewOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions

  func run() throws {
    let installation = try Loader().installation(store, .used)
    let access = try StoreAccess(store, installation: installation, isRehearsal: rehearsal.isRehearsal)
    let reading = try access.reading()
    let record = try reading.existing(RunID(subject.number))
    try rehearsal.check(access)
    let pipeline = try reading.start(of: record).1.pipeline
    let session = Session(access: access, identity: identity, view: view.view, rehearsal: rehearsal.hint)
    try session.begin(
      speed: rehearsal.speed, orWatch: false, rules: rehearsal.rules(for: pipeline, installation?.0),
      backends: try rehearsal.backends(for: pipeline, installation, access))
    try session.finish(record.id)
  }
}
