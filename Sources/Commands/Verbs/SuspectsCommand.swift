import ArgumentParser
import ControlAPI
import Controller
import Engine
import Narrative
import PipelineModel
import SQLiteStore

struct SuspectsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suspects", abstract: "What changed before something went wrong, the likeliest first.",
    discussion: """
      Ranks deployments and flags by how far their services are those asked about, how near in time they changed, and \
      how much of the traffic or of the users met the change. The reasons are given with each.

      EXAMPLES
        headgate suspects --incident 3
        headgate suspects --before 2026-11-21T13:05Z --service checkout-api
        headgate suspects --before "20m ago" --within 6h
      """)

  @Option(
    help: ArgumentHelp("When it went wrong.", discussion: "It is \(Instant.forms).", valueName: "time"),
    transform: Instant.given)
  var before: Instant?
  @Option(help: "The incident it is about: says when, and which services.") var incident: Int64?
  @Option(help: "A service that is hit; may be given more than once.") var service: [String] = []
  @Option(help: "Only changes in this environment.") var environment: String?
  @Option(help: ArgumentHelp("How far back to look.", valueName: "time"), transform: Span.init(written:))
  var within = Span(.hours(24))
  @Option(help: "At most so many.") var limit = 10
  @OptionGroup var archive: ArchiveOption
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func validate() throws {
    if (before == nil) == (incident == nil) {
      throw ValidationError("say when it went wrong, with --before TIME or with --incident NUMBER")
    }
    if limit < 1 { throw ValidationError("--limit is at least 1") }
  }

  func run() throws {
    try AuditedReader(store, identity).note(.timeline, incident.map { "suspects --incident \($0)" } ?? "suspects")
    let store = try StoreAccess(store).reading(archive: archive.archive)
    let (suspicion, environment) = try suspicion(store)
    let from = Timestamp(milliseconds: suspicion.instant.milliseconds - within.interval.milliseconds)
    let reader = TimelineReader(store: store)
    let filter = MomentFilter(environment: environment, from: from, to: suspicion.instant)
    defer { _ = try? store.lacks(filter) }
    let suspects = suspicion.suspects(among: try reader.changes(filter)).prefix(limit)
    if output.isJSON {
      return try Console.json(suspects.enumerated().map { SuspectReport($1, rank: $0 + 1) })
    }
    let period = "in the \(within.interval) before \(suspicion.instant.rfc3339)"
    if suspects.isEmpty { return Console.print("nothing changed \(period)") }
    Console.print(Console.styled("what changed \(period), the likeliest first", .dim))
    for (index, suspect) in suspects.enumerated() { print(suspect, rank: index + 1) }
  }

  private func suspicion(_ store: ReadingStore) throws -> (Suspicion, environment: String?) {
    guard let incident else {
      let instant = try before.map { $0.timestamp(now: try store.now()) } ?? .wall
      return (Suspicion(before: instant, within: within.interval, services: service), environment)
    }
    guard let known = try store.incident(incident)?.incident else {
      throw Stop.unknown("there is no incident \(incident) in this store; see `headgate incident list`")
    }
    let services = service.isEmpty ? known.services : service
    return (
      Suspicion(before: known.since, within: within.interval, services: services), environment ?? known.environment
    )
  }

  private func print(_ suspect: Suspect, rank: Int) {
    let place = "\(rank).".padding(to: 3)
    let score = Int((suspect.score * 100).rounded())
    Console.print(Console.styled("\(place) \(suspect.change.origin.name), \(score) of 100", .bold))
    Console.print("    \(suspect.sentence)")
    Console.print(Console.styled("    \(suspect.reasons.joined(separator: ", "))", .dim))
  }
}

extension ExposureChange.Origin {
  /// `run 41`, `flag new-checkout`.
  fileprivate var name: String {
    switch self {
    case .run(let run): "run \(run)"
    case .flag(let key, _): "flag \(key)"
    }
  }
}

extension SuspectReport {
  init(_ suspect: Suspect, rank: Int) {
    let change = suspect.change
    var (run, flag): (Int64?, String?)
    switch change.origin {
    case .run(let id): run = id.number
    case .flag(let key, _): flag = key
    }
    self.init(
      rank: rank, score: suspect.score, overlap: suspect.overlap.factor, nearness: suspect.nearness,
      exposure: change.exposure, run: run, flag: flag, services: change.services, environment: change.environment,
      time: change.time.rfc3339, entry: change.sequence, text: change.text, reasons: suspect.reasons)
  }
}
