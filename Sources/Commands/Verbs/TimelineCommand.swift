import ArgumentParser
import ControlAPI
import Narrative
import PipelineModel
import SQLiteStore

struct TimelineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timeline", abstract: "What happened to a service, in order: deployments, flags, incidents, freezes.",
    discussion: """
      The last 24 hours, unless --from says otherwise. Times in UTC. Exits with 2 when some of it lies in an archive that \
      is not at hand.

      EXAMPLES
        headgate timeline --service checkout-api
        headgate timeline --service shop --from "2026-11-21 14:00 Europe/Berlin"
        headgate timeline --from "2h ago" --topic incident --topic rollback
      """)

  @Option(help: "Only this service, and what is of none in particular.") var service: String?
  @Option(help: "Only this environment.") var environment: String?
  @OptionGroup var period: PeriodOptions
  @Option(
    help: """
      Only this: deployment, step, approval, hold, gate, rollback, drift, incident, freeze, flag or refusal; may be given \
      more than once.
      """)
  var topic: [MomentTopic] = []
  @OptionGroup var archive: ArchiveOption
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    try AuditedReader(store, identity).note(.timeline, words)
    let store = try StoreAccess(store).reading(archive: archive.archive)
    let now = try store.now()
    var (from, to) = try period.range(now: now)
    if from == nil { from = Timestamp(milliseconds: (to ?? now).milliseconds - Interval.hours(24).milliseconds) }
    let reader = TimelineReader(store: store)
    if let service { try reader.mustKnow(service) }
    let filter = MomentFilter(service: service, environment: environment, from: from, to: to)
    let topics = Set(topic.map(\.topic))
    let moments = try reader.moments(filter).filter {
      topics.isEmpty || topics.contains($0.topic)
    }
    if output.isJSON {
      try Console.json(moments.map(TimelineMoment.init))
    } else if moments.isEmpty {
      Console.print("nothing happened")
    } else {
      print(moments)
    }
    if try store.lacks(filter) { throw ExitCode.unknown }
  }

  /// What was asked for, as it stands on a command line.
  private var words: String {
    let given: [(String, String?)] = [
      ("service", service), ("environment", environment), ("from", period.start?.rfc3339), ("to", period.end?.rfc3339),
    ]
    return given.compactMap { name, value in value.map { "--\(name) \($0)" } }.joined(separator: " ")
  }

  private func print(_ moments: [Moment]) {
    let places = moments.map(place)
    let width = places.map(\.count).max() ?? 0
    var day = ""
    for (moment, place) in zip(moments, places) {
      let date = String(moment.time.rfc3339.prefix(10))
      if date != day { Console.print(Console.styled("\(date) (times in UTC)", .dim)) }
      day = date
      var sentence = moment.sentence
      sentence.text = place.padding(to: width) + "  " + sentence.text
      Console.print(Console.line(sentence))
    }
  }

  private func place(_ moment: Moment) -> String {
    let services = service == nil ? moment.services.joined(separator: ", ") : ""
    let run = moment.run.map { "run \($0)" } ?? ""
    let environment = environment == nil ? moment.environment ?? "" : ""
    return [services, environment, run].filter { !$0.isEmpty }.joined(separator: " ")
  }
}

enum MomentTopic: String, ExpressibleByArgument, CaseIterable {
  case deployment, step, approval, hold, gate, rollback, drift, incident, freeze, flag, refusal
  var topic: Moment.Topic {
    switch self {
    case .deployment: .deployment
    case .step: .step
    case .approval: .approval
    case .hold: .hold
    case .gate: .gate
    case .rollback: .rollback
    case .drift: .drift
    case .incident: .incident
    case .freeze: .freeze
    case .flag: .flag
    case .refusal: .refusal
    }
  }
}

extension TimelineMoment {
  init(_ moment: Moment) {
    self.init(
      time: moment.time.rfc3339, entry: moment.sequence, topic: moment.topic.rawValue, run: moment.run?.number,
      services: moment.services, environment: moment.environment, tone: moment.sentence.tone.rawValue,
      text: moment.sentence.text)
  }
}
