package import Engine
import PipelineModel

/// Tells an incident by the entries that opened and closed it.
package struct IncidentTeller {
  private let incident: Incident
  private let opened: Entry
  /// The entry that closed it, and when it was over.
  private let closed: (entry: Entry, at: Timestamp)?

  /// `nil` when the entries do not open and close this incident.
  package init?(opened: Entry, closed: Entry?) {
    guard case .incident(.opened(let incident)) = opened.fact else { return nil }
    self.incident = incident
    self.opened = opened
    guard let closed else {
      self.closed = nil
      return
    }
    guard case .incident(.closed(incident, let end)) = closed.fact else { return nil }
    self.closed = (closed, end)
  }

  /// Its beginning and its end, at the instants they were, not when they were reported.
  package var moments: [Moment] {
    [moment(opened, Sentence(time: incident.since, tone: .bad, text: beginning))]
      + (closed.map { [moment($0.entry, Sentence(time: $0.at, tone: .good, text: ending($0.entry, $0.at)))] } ?? [])
  }

  private func moment(_ entry: Entry, _ sentence: Sentence) -> Moment {
    Moment(
      sequence: entry.sequence, topic: .incident, services: incident.services, environment: incident.environment,
      sentence: sentence)
  }

  private var beginning: String {
    let delay = opened.time - incident.since
    let late = delay >= .minutes(1) ? ", \(delay.rounded) after it began" : ""
    return "incident \(incident.number): \(incident.title) (\(incident.severity.rawValue)\(scope)); "
      + "reported by \(opened.actor.phrase)\(late)\(because(opened))"
  }

  private func ending(_ entry: Entry, _ end: Timestamp) -> String {
    "incident \(incident.number) is over after \((end - incident.since).rounded): \(incident.title); "
      + "closed by \(entry.actor.phrase)\(because(entry))"
  }

  private var scope: String {
    let services = incident.services.isEmpty ? "" : ", \(incident.services.joined(separator: ", "))"
    return services + (incident.environment.map { " in \($0)" } ?? "")
  }

  private func because(_ entry: Entry) -> String { entry.reason.map { " (reason: \($0))" } ?? "" }
}
