import ArgumentParser
import Controller
import Engine
import Narrative
import PipelineModel
import SQLiteStore

/// What every act is given.
struct ActOptions: ParsableArguments {
  @OptionGroup var subject: RunArgument
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption
}

/// Asks for one act on one run, by way of the store.
protocol ActCommand: ParsableCommand {
  var options: ActOptions { get }
  func act(_ installation: Installation?) throws -> Act
  /// What to say when it is done.
  var done: String { get }
}

extension ActCommand {
  var subject: RunArgument { options.subject }
  private var store: StoreOptions { options.store }
  var identity: IdentityOptions { options.identity }
  private var output: FormatOption { options.output }

  func run() throws {
    let installation = try Loader(warns: false).installation(store, .readable)
    let access = try StoreAccess(store, installation: installation)
    let act = try act(installation?.0)
    let reading = try access.reading()
    let record = try reading.existing(RunID(subject.number))
    if reading.driver == nil {
      try refuse(act, ofEnded: record, reading)
      if let installation, act.takesBack, access.purpose == .real {
        return try takeBack(record, act, installation, access)
      }
    }
    _ = try Asking(access, identity).ask(.act(record.id, act))
    if output.isJSON {
      try Console.json(ActReport(run: subject.number, done: done))
    } else {
      Console.print("run \(subject.number): \(done)")
    }
  }

  /// Nobody needs to be waited for to know that a run which has ended cannot be acted on.
  private func refuse(_ act: Act, ofEnded record: RunRecord, _ store: ReadingStore) throws {
    guard record.status.hasEnded, let run = try store.chronicle(of: record).0.run,
      let refusal = run.refusal(of: act, by: identity.principal)
    else { return }
    throw Stop.negative("run \(record.id) of \(record.pipeline): \(refusal.description)")
  }

  /// Nobody drives the store, and traffic is to be taken back: then this process does it, and stays until it is done.
  private func takeBack(
    _ record: RunRecord, _ act: Act, _ installation: (Installation, baseDirectory: String), _ access: StoreAccess
  ) throws {
    let session = Session(access: access, identity: identity, view: View(isJSON: output.isJSON))
    let run = try session.takeBack(record, by: act) {
      try session.begin(
        rules: HouseRules(installation.0), leavingAlone: { $0 != record.id }, leavingQueued: true,
        backends: RehearsalOptions.backends(of: installation, access, tellsBroken: true))
    }
    switch try session.follow(run, after: record.last) {
    case .rolledBack, .aborted: return
    case .promoted, .failed: throw ExitCode.negative
    }
  }
}

extension Act {
  fileprivate var takesBack: Bool {
    switch self {
    case .abort, .rollback: true
    case .approve, .reject, .pause, .resume, .promote: false
    }
  }
}

private struct ActReport: Encodable {
  var run: Int64
  var done: String
}

struct Approve: ActCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Approves a run that waits for it.",
    discussion: """
      Roles are those that the headgate.yaml of the controller gives you.

      EXAMPLE
        headgate approve 41 --reason "CHG-1207, tested by QA"
      """)
  @OptionGroup var options: ActOptions

  /// The controller fills in the roles that its installation gives the person: nobody says of himself which he has.
  func act(_ installation: Installation?) throws -> Act { .approve(roles: []) }
  var done: String { "approved" }
}

struct Reject: ActCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject",
    abstract: "Says no to a run that waits for an approval.",
    discussion: """
      The stage fails, and what was moved before is taken back.

      EXAMPLE
        headgate reject 41 --reason "the load test is missing"
      """)
  @OptionGroup var options: ActOptions
  func act(_ installation: Installation?) throws -> Act { .reject }
  var done: String { "rejected" }
}

struct Pause: ActCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Stops a run from advancing.",
    discussion: """
      Gates go on judging, and deadlines stand: a pause is not an amnesty.

      EXAMPLE
        headgate pause 41 --reason "looking at the p95"
      """)
  @OptionGroup var options: ActOptions
  func act(_ installation: Installation?) throws -> Act { .pause }
  var done: String { "paused; headgate resume \(subject.number) lets it go on" }
}

struct Resume: ActCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Lets a paused run go on.",
    discussion: """
      EXAMPLE
        headgate resume 41
      """)
  @OptionGroup var options: ActOptions
  func act(_ installation: Installation?) throws -> Act { .resume }
  var done: String { "goes on" }
}

struct Promote: ActCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote",
    abstract: "Takes a run past what holds it now, or past every gate to come.",
    discussion: """
      The record says who went past which gate, and what the gate said.

      EXAMPLES
        headgate promote 41 --reason "the alert is a known false one"
        headgate promote 41 --all --reason "hotfix, INC-88"
      """)
  @OptionGroup var options: ActOptions

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
    commandName: "abort",
    abstract: "Ends a run, and takes back whatever traffic it moved.",
    discussion: """
      The version is not held to be a bad one: it may be started again. When no controller drives the store, this command \
      does, until the run has ended, and drives on what else is in flight; it begins no run that waits for its turn.

      EXAMPLE
        headgate abort 41 --reason "wrong version"
      """)
  @OptionGroup var options: ActOptions
  func act(_ installation: Installation?) throws -> Act { .abort }
  var done: String {
    "aborted; headgate watch \(subject.number) shows the rollback, if there is something to take back"
  }
}

struct RollbackCommand: ActCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Takes a run back: one in flight, or the last one that was promoted.",
    discussion: """
      Never waits for a gate, a freeze or an approval. When no controller drives the store, this command does, until the \
      traffic is back, and drives on what else is in flight; it begins no run that waits for its turn.

      EXAMPLE
        headgate rollback 41 --reason "errors in the app"
      """)
  @OptionGroup var options: ActOptions
  func act(_ installation: Installation?) throws -> Act { .rollback }
  var done: String { "rolling back; headgate watch \(subject.number)" }
}
