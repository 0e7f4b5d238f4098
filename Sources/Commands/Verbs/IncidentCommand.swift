import ArgumentParser
import ControlAPI
import Controller
import Engine
import Narrative
import PipelineModel
import SQLiteStore

struct IncidentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incident", abstract: "Reports what goes wrong, so that the time line shows it.",
    discussion: """
      EXAMPLES
        headgate incident open "checkout answers 500" --service checkout-api
        headgate incident close 3 --reason "rolled back, run 41"
      """,
    subcommands: [IncidentOpen.self, IncidentClose.self, IncidentList.self])
}

struct IncidentOpen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Reports an incident.",
    discussion: """
      EXAMPLES
        headgate incident open "checkout answers 500" --service checkout-api
        headgate incident open "payments are slow" --since "20m ago" --severity minor
      """)

  @Argument(help: "What is wrong, in one line.") var title: String
  @Option(help: "A service that is hit; may be given more than once.") var service: [String] = []
  @Option(help: "The environment it is in.") var environment: String?
  @Option(help: "minor, major or critical.") var severity: IncidentSeverity = .major
  @Option(
    help: ArgumentHelp("When it began; now, unless given.", discussion: "It is \(Instant.forms).", valueName: "time"),
    transform: Instant.given)
  var since: Instant?
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let access = try StoreAccess(store)
    let report = IncidentReport(
      title: title, services: service, environment: environment, severity: severity.severity,
      since: try since.map { $0.timestamp(now: try access.now()) })
    let answer = try Door(access: access, identity: identity).ask(.incident(.open(report)))
    let record = try access.incident(at: answer.entry)
    if output.isJSON { return try Console.json(IncidentSummary(record, now: try access.now())) }
    Console.print("incident \(record.incident.number) is open since \(record.incident.since.rfc3339)")
    Console.print("what changed before it: headgate suspects --incident \(record.incident.number)\(access.hint)")
  }
}

struct IncidentClose: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Says that an incident is over.",
    discussion: """
      EXAMPLE
        headgate incident close 3 --reason "rolled back, run 41"
      """)

  @Argument(help: "The incident's number.") var number: Int64
  @Option(
    help: ArgumentHelp("When it was over; now, unless given.", valueName: "time"), transform: Instant.given)
  var at: Instant?
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let access = try StoreAccess(store)
    let end = try at.map { $0.timestamp(now: try access.now()) }
    _ = try Door(access: access, identity: identity).ask(.incident(.close(number, at: end)))
    let reading = try access.reading()
    guard let record = try reading.incident(number) else { throw Stop.unknown("incident \(number) cannot be read") }
    let summary = IncidentSummary(record, now: try reading.now())
    if output.isJSON { return try Console.json(summary) }
    Console.print("incident \(number) is over after \(summary.lasted)")
  }
}

struct IncidentList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists incidents, in the order in which they began.",
    discussion: """
      EXAMPLES
        headgate incident list --open
        headgate incident list --service checkout-api --from "30d ago"
      """)

  @Option(help: "Only incidents of this service, and those that name none.") var service: String?
  @Option(help: "Only incidents of this environment, and those that name none.") var environment: String?
  @Flag(help: "Only those that are open.") var open = false
  @OptionGroup var period: PeriodOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let store = try StoreAccess(store).reading()
    let now = try store.now()
    let (from, to) = try period.range(now: now)
    let filter = MomentFilter(service: service, environment: environment, from: from, to: to)
    let incidents = try store.incidents(filter, openOnly: open).map { IncidentSummary($0, now: now) }
    if output.isJSON { return try Console.json(incidents) }
    if incidents.isEmpty { return Console.print("no incidents") }
    var table = Table(header: ["INCIDENT", "SINCE (UTC)", "LASTED", "SEVERITY", "SERVICES", "ENVIRONMENT", "TITLE"])
    table.rows = incidents.map(row)
    for line in table.lines { Console.print(line) }
  }

  private func row(_ incident: IncidentSummary) -> [String] {
    [
      "\(incident.incident)", String(incident.since.prefix(19)).replacing("T", with: " "),
      incident.endedAt == nil ? "open, \(incident.lasted)" : "\(incident.lasted)", incident.severity,
      incident.services.joined(separator: ", "), incident.environment ?? "", incident.title,
    ]
  }
}

enum IncidentSeverity: String, ExpressibleByArgument, CaseIterable {
  case minor, major, critical
  var severity: Incident.Severity { Incident.Severity(rawValue: rawValue) ?? .major }
}

extension IncidentSummary {
  init(_ record: IncidentRecord, now: Timestamp) {
    let incident = record.incident
    let lasted = (record.endedAt ?? max(now, incident.since)) - incident.since
    self.init(
      incident: incident.number, title: incident.title, services: incident.services, environment: incident.environment,
      severity: incident.severity.rawValue, since: incident.since.rfc3339, endedAt: record.endedAt?.rfc3339,
      seconds: lasted.seconds)
  }

  fileprivate var lasted: Interval { Interval(milliseconds: Int64(seconds * 1000)).rounded }
}

extension StoreAccess {
  /// Now, or the store's last instant, when that is later; a store that is still to be made has none.
  fileprivate func now() throws -> Timestamp {
    purpose == nil ? .wall : try reading().now()
  }

  /// The incident that an entry opened.
  fileprivate func incident(at entry: Int64?) throws -> IncidentRecord {
    let store = try reading()
    guard let entry, case .incident(.opened(let incident))? = try store.entry(entry)?.fact,
      let record = try store.incident(incident.number)
    else { throw Stop.unknown("the incident was written down, and cannot be read again") }
    return record
  }
}
