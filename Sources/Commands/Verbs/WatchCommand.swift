import ArgumentParser
import Controller
import PipelineModel
import SQLiteStore

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Follows a run that somebody else drives.",
    discussion: """
      Ends with the run, with the code that its outcome means: 0 promoted, 1 rolled back or failed. Without a number it is \
      the one run in flight.

      EXAMPLES
        headgate watch
        headgate watch 41 --format json
      """)

  @Argument(help: "The run's number.")
  var number: Int64?

  @OptionGroup var view: ViewOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions

  func run() throws {
    let access = try StoreAccess(store)
    let session = Session(access: access, identity: identity, view: view.view)
    try session.finish(try number.map(RunID.init) ?? only(in: try access.reading()))
  }

  private func only(in store: ReadingStore) throws -> RunID {
    let runs = try store.unfinished()
    guard let first = runs.first else {
      throw Stop.unknown("nothing is rolling out; name a run, see `headgate history`")
    }
    guard runs.count == 1 else {
      let list = runs.map { "\($0.id) (\($0.version) to \($0.target))" }.joined(separator: ", ")
      throw Stop(code: .wrongUsage, description: "\(runs.count) runs are in flight; name one: \(list)")
    }
    return first.id
  }
}
