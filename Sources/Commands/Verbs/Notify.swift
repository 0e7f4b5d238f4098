import ArgumentParser
import ControlAPI
import Controller
import Engine
import Foundation
import PipelineModel
import SQLiteStore

struct NotifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notify",
    abstract: "What people were told, what could not be delivered, and a way to try a notifier out.",
    discussion: """
      EXAMPLES
        headgate notify list               the newest notices, and what became of them
        headgate notify dead               those that were given up after 5 tries, and why
        headgate notify retry 12 13        try these again; --all for all of them
        headgate notify test oncall        send one now, past the outbox
      """,
    subcommands: [NotifyList.self, NotifyDead.self, NotifyRetry.self, NotifyTest.self],
    defaultSubcommand: NotifyList.self)
}

struct NotifyList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The newest notices, and what became of them.")

  @Option(help: "How many.")
  var limit = 20

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let items = try StoreAccess(store).listing { store throws(JournalFailure) in try store.outbox(limit: limit) }
    try show(items, isJSON: output.isJSON, none: "nobody has been told anything yet")
  }
}

struct NotifyDead: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead", abstract: "Notices that could not be delivered, and why; ends with 1 when there are any.")

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let items = try StoreAccess(store).listing { store throws(JournalFailure) in try store.outbox(.dead, limit: 1000) }
    try show(items, isJSON: output.isJSON, none: "every notice was delivered, or is about to be")
    if !items.isEmpty { throw ExitCode.negative }
  }
}

struct NotifyRetry: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Lets notices be tried again that were given up.")

  @Argument(help: "Numbers of notices, as `headgate notify dead` shows them.")
  var numbers: [Int64] = []

  @Flag(help: "All that were given up.")
  var all = false

  @OptionGroup var store: StoreOptions

  func validate() throws {
    if all == numbers.isEmpty { return }
    throw ValidationError("give numbers of notices, or --all")
  }

  func run() throws {
    let access = try StoreAccess(store)
    let asking = try access.asking()
    let count = try access.explained { () throws(JournalFailure) in try asking.retry(all ? nil : numbers) }
    if count == 0, !all { throw Stop.negative("none of these was given up; see `headgate notify dead`") }
    Console.print(count == 1 ? "one notice is tried again" : "\(count) notices are tried again")
    if asking.driver == nil { Console.print("nobody drives this store now; they are sent as soon as somebody does") }
  }
}

struct NotifyTest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Sends a notice by a notifier of headgate.yaml now, past the outbox.")

  @Argument(help: "Name of the notifier.")
  var notifier: String

  @OptionGroup var store: StoreOptions

  func run() throws {
    guard let (installation, base) = try Loader().installation(store, .used) else {
      throw Stop(code: .badFile, description: "there is no headgate.yaml here; name one with --config")
    }
    let access = try StoreAccess(store, installation: (installation, baseDirectory: base))
    let backends = Workshop.current.backends(
      installation, .init(baseDirectory: base, stateDirectory: access.stateDirectory, now: { .wall }))
    let failure = Waiting<Failure?>.result { [notifier] in
      do throws(Failure) {
        try await backends.tell(.test(at: .wall), by: notifier)
        return nil
      } catch {
        return error
      }
    }
    if case .some(.some(let failure)) = failure { throw Stop.unknown("\(failure.message) (\(failure.kind.rawValue))") }
    Console.print("\(notifier) took it")
  }
}

extension Notice {
  fileprivate static func test(at now: Timestamp) -> Notice {
    Notice(
      key: "test-\(now.milliseconds)", thread: "test", event: .test, pipeline: "test", service: "headgate",
      environment: "test", version: "test", time: now, title: "Headgate: a test",
      text: "Somebody tried this notifier out with `headgate notify test`. Nothing is wrong.",
      fields: [.init(name: "sent by", value: NSUserName())])
  }
}

extension StoreAccess {
  fileprivate func listing(
    _ read: (ReadingStore) throws(JournalFailure) -> [OutboxItem]
  ) throws -> [OutboxItem] {
    let store = try reading()
    return try explained { () throws(JournalFailure) in try read(store) }
  }
}

private func show(_ items: [OutboxItem], isJSON: Bool, none: String) throws {
  if isJSON { return try Console.json(items.map(NoticeReport.init)) }
  if items.isEmpty { return Console.print(none) }
  for item in items {
    let state =
      switch item.state {
      case .waiting: item.tries == 0 ? "waiting" : "waiting, tried \(item.tries) times"
      case .sent: "sent"
      case .dead: "given up after \(item.tries) \(item.tries == 1 ? "try" : "tries")"
      }
    Console.print(
      "\(item.id)  \(item.notice.time.rfc3339)  to \(item.notifier)  \(item.notice.event.rawValue)  \(item.notice.title)"
    )
    let style: Console.Style = item.state == .dead ? .red : item.state == .sent ? .green : .yellow
    Console.print("    " + Console.styled(state, style) + (item.failure.map { ": \($0)" } ?? ""))
  }
}

extension NoticeReport {
  fileprivate init(_ item: OutboxItem) {
    self.init(
      notice: item.id, notifier: item.notifier, state: item.state.rawValue, tries: item.tries, failure: item.failure,
      event: item.notice.event.rawValue, run: item.notice.run?.number, time: item.notice.time.rfc3339,
      title: item.notice.title, text: item.notice.text, key: item.notice.key)
  }
}
