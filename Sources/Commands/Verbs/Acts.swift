import ArgumentParser
import Controller
import Engine
import PipelineModel

/// Asks for one act on one run, by way of the store.
protocol ActCommand: ParsableCommand {
  var subject: RunArgument { get }
  var store: StoreOptions { get }
  var identity: IdentityOptions { get }
  var output: FormatOption { get }
  func act(_ installation: Installation?) throws -> Act
  /// What to say when it is done.
  var done: String { get }
}

extension ActCommand {
  func run() throws {
    let installation = try Loader(warns: false).installation(store)
    let access = try StoreAccess(store, installation: installation)
    let asking = Asking(store: try access.asking(), identity: identity)
    _ = try asking.ask(.act(RunID(subject.number), try act(installation?.0)))
    if output.isJSON {
      try Console.json(["run": "\(subject.number)", "done": done])
    } else {
      Console.print("run \(subject.number): \(done)")
    }
  }
}

struct Approve: ActCommand {
  static let configuration = CommandConfiguration(
    abstract: "Approves a run that waits for it.",
    discussion: """
      Roles are those that headgate.yaml gives you.

      EXAMPLE
        headgate approve 41 --reason "CHG-1207, tested by QA"
      """)
  @OptionGroup var subject: RunArgument
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func act(_ installation: Installation?) throws -> Act {
    let name = identity.principal.name
    return .approve(roles: installation?.roles.filter { $0.members.contains(name) }.map(\.name) ?? [])
  }
  var done: String { "approved" }
}

struct Reject: ActCommand {
  static let configuration = CommandConfiguration(abstract: "Says no to a run that waits for an approval.")
  @OptionGroup var subject: RunArgument
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption
  func act(_ installation: Installation?) throws -> Act { .reject }
  var done: String { "rejected" }
}

struct Pause: ActCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stops a run from advancing.",
    discussion: "Gates go on judging, and deadlines stand: a pause is not an amnesty.")
  @OptionGroup var subject: RunArgument
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption
  func act(_ installation: Installation?) throws -> Act { .pause }
  var done: String { "paused; headgate resume \(subject.number) lets it go on" }
}

struct Resume: ActCommand {
  static let configuration = CommandConfiguration(abstract: "Lets a paused run go on.")
  @OptionGroup var subject: RunArgument
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption
  func act(_ installation: Installation?) throws -> Act { .resume }
  var done: String { "goes on" }
}

struct Promote: ActCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes a run past what holds it now, or past every gate to come.",
    discussion: """
      The record says who went past which gate, and what the gate said.

      EXAMPLES
        headgate promote 41 --reason "the alert is a known false one"
        headgate promote 41 --all --reason "hotfix, INC-88"
      """)
  @OptionGroup var subject: RunArgument
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  @Flag(help: "Past every gate and hold to come. Checks and approvals stand.")
  var all = false

  func validate() throws {
    if identity.reason == nil { throw ValidationError("going past a gate needs a --reason") }
  }
  func act(_ installation: Installation?) throws -> Act { .promote(all ? .all : .step) }
  var done: String { all ? "promoted past all gates" : "promoted by one step" }
}

struct Abort: ActCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ends a run, and takes back whatever traffic it moved.")
  @OptionGroup var subject: RunArgument
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption
  func act(_ installation: Installation?) throws -> Act { .abort }
  var done: String { "aborted; headgate watch \(subject.number) shows the rollback, if there is something to take back" }
}

struct RollbackCommand: ActCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Takes a run back: one in flight, or the last one that was promoted.",
    discussion: """
      Never waits for a gate, a freeze or an approval.

      EXAMPLE
        headgate rollback 41 --reason "errors in the app"
      """)
  @OptionGroup var subject: RunArgument
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption
  func act(_ installation: Installation?) throws -> Act { .rollback }
  var done: String { "rolling back; headgate watch \(subject.number)" }
}
