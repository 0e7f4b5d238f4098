import ArgumentParser
import ControlAPI
import Controller
import Engine
import Narrative
import PipelineModel
import SQLiteStore

struct FreezeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "freeze", abstract: "Declares times in which changes wait.",
    discussion: """
      While a freeze holds, no run starts and no flag changes of what it covers. What is under way goes on, and whatever \
      takes traffic or a flag away from people never waits: rollback, abort, flag off, flag kill. A run that is said to \
      be for what the freeze excepts (run --change emergency --reason …) goes ahead, and so does a flag by --break-glass; \
      both are on record.

      EXAMPLES
        headgate freeze start "Black Friday" -e production --until 2026-11-30
        headgate freeze end 3 --reason "shop is quiet again"
        headgate freeze list
      """,
    subcommands: [FreezeStart.self, FreezeEnd.self, FreezeList.self])
}

struct FreezeStart: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Declares a freeze, from now on or from later.",
    discussion: """
      EXAMPLES
        headgate freeze start "Black Friday" -e production --until 2026-11-30
        headgate freeze start "migration of the ledger" --service payments --for 4h --hold
        headgate freeze start "holidays" --from 2026-12-24 --until 2027-01-02
      """)

  @Argument(help: "Why, in one line.") var title: String
  @Option(help: "A service that it covers; may be given more than once. All, unless given.") var service: [String] = []
  @Option(name: [.customShort("e"), .long], help: "The environment that it covers; all, unless given.")
  var environment: String?
  @Option(
    help: ArgumentHelp("When it begins; now, unless given.", discussion: "It is \(Instant.forms).", valueName: "time"),
    transform: Instant.given)
  var from: Instant?
  @Option(
    help: ArgumentHelp("When it is over; when somebody ends it, unless given.", valueName: "time"),
    transform: Instant.given)
  var until: Instant?
  @Option(
    name: .customLong("for"), help: ArgumentHelp("How long it holds, in place of --until.", valueName: "time"),
    transform: Span.init(written:))
  var span: Span?
  @Option(help: "A kind of change that goes ahead: security, emergency or reliability; may be given more than once.")
  var except: [ChangeKind] = []
  @Flag(help: "Nothing is excepted, emergencies neither.") var all = false
  @Flag(help: "Runs that are started wait for the end, and are not refused.") var hold = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func validate() throws {
    if until != nil, span != nil { throw ValidationError("say when it is over with --until or with --for, not both") }
    if all, !except.isEmpty { throw ValidationError("--all excepts nothing; leave out --except") }
  }

  func run() throws {
    let access = try StoreAccess(store)
    let now = access.purpose == nil ? Timestamp.wall : try access.reading().now()
    let from = from.map { $0.timestamp(now: now) }
    let until = until.map { $0.timestamp(now: now) } ?? span.map { (from ?? now) + $0.interval }
    let plan = FreezePlan(
      title: title, services: service, environment: environment, from: from, until: until,
      starts: hold ? .hold : .refuse,
      exceptions: all ? [] : except.isEmpty ? FreezePlan.usualExceptions : except)
    let answer = try Door(access: access, identity: identity).ask(.freeze(.start(plan)))
    let reading = try access.reading()
    guard let record = try reading.freezes().last(where: { $0.declared.sequence == answer.entry }) else {
      throw Stop.unknown("the freeze was written down, and cannot be read again")
    }
    try report(
      record, try reading.unfinished().filter { record.freeze.covers([$0.target.service], in: $0.target.environment) })
  }

  private func report(_ record: FreezeRecord, _ underWay: [RunRecord]) throws {
    if output.isJSON { return try Console.json(FreezeSummary(record, now: .wall)) }
    let freeze = record.freeze
    let end = freeze.until.map { "until \($0.rfc3339)" } ?? "until it is ended"
    Console.print("freeze \(freeze.number) holds \(freeze.scope) from \(freeze.from.rfc3339) \(end)")
    guard !underWay.isEmpty else { return }
    let numbers = underWay.map { "\($0.id)" }.joined(separator: ", ")
    Console.print(Console.styled("under way, and going on: run \(numbers); pause what must not", .dim))
  }
}

struct FreezeEnd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "end", abstract: "Ends a freeze before its time, or calls it off.",
    discussion: """
      Runs that waited for it begin.

      EXAMPLE
        headgate freeze end 3 --reason "shop is quiet again"
      """)

  @Argument(help: "The freeze's number.") var number: Int64
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let access = try StoreAccess(store)
    _ = try Door(access: access, identity: identity).ask(.freeze(.end(number)))
    guard let record = try access.reading().freezes().first(where: { $0.freeze.number == number }) else {
      throw Stop.unknown("freeze \(number) cannot be read")
    }
    if output.isJSON { return try Console.json(FreezeSummary(record, now: .wall)) }
    Console.print("freeze \(number) is over")
  }
}

struct FreezeList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists freezes, in the order in which they begin.",
    discussion: """
      Those that hold or are to come, unless --every is given, or a period.

      EXAMPLES
        headgate freeze list
        headgate freeze list --service checkout-api --from "30d ago"
      """)

  @Option(help: "Only freezes of this service, and those of all.") var service: String?
  @Option(name: [.customShort("e"), .long], help: "Only freezes of this environment, and those of all.")
  var environment: String?
  @Flag(name: .customLong("every"), help: "Those that are over too.") var every = false
  @OptionGroup var period: PeriodOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let store = try StoreAccess(store).reading()
    let now = try store.now()
    let (from, to) = try period.range(now: now)
    let isWhole = every || from != nil || to != nil
    let filter = MomentFilter(service: service, environment: environment, from: from, to: to)
    let records = try store.freezes(filter).filter { isWhole || $0.end.map { now < $0 } ?? true }
    if output.isJSON { return try Console.json(records.map { FreezeSummary($0, now: now) }) }
    if records.isEmpty { return Console.print(isWhole ? "no freezes" : "no freeze holds, and none is to come") }
    var table = Table(header: [
      "FREEZE", "STATE", "FROM (UTC)", "UNTIL (UTC)", "COVERS", "RUNS", "EXCEPT", "BY", "TITLE",
    ])
    table.rows = records.map { row(FreezeSummary($0, now: now), $0) }
    for line in table.lines { Console.print(line) }
  }

  private func row(_ summary: FreezeSummary, _ record: FreezeRecord) -> [String] {
    [
      "\(summary.freeze)", summary.state, Self.short(summary.from),
      summary.endedAt.map(Self.short) ?? summary.until.map(Self.short) ?? "",
      record.freeze.scope, summary.starts, summary.except.joined(separator: ", "), record.declared.actor.phrase,
      summary.title,
    ]
  }

  private static func short(_ instant: String) -> String { String(instant.prefix(16)).replacing("T", with: " ") }
}

extension FreezeSummary {
  init(_ record: FreezeRecord, now: Timestamp) {
    let freeze = record.freeze
    let state =
      record.isInForce(at: now) ? "holds" : record.ended != nil ? "ended" : freeze.isOver(at: now) ? "over" : "to come"
    self.init(
      freeze: freeze.number, title: freeze.title, state: state, services: freeze.services,
      environment: freeze.environment, from: freeze.from.rfc3339, until: freeze.until?.rfc3339,
      starts: freeze.starts.rawValue, except: freeze.exceptions.map(\.rawValue),
      declaredBy: record.declared.actor.description, declaredAt: record.declared.time.rfc3339,
      reason: record.declared.reason, entry: record.declared.sequence, endedBy: record.ended?.actor.description,
      endedAt: record.ended?.time.rfc3339, endedBecause: record.ended?.reason)
  }
}
