import Engine
import PipelineModel

/// What a request wants of an incident, as its row keeps it.
struct StoredIncidentAct: Codable {
  /// Of one that is to be opened.
  private var title: String?
  private var services: [String]?
  private var environment: String?
  private var severity: String?
  /// Number of one that is to be closed.
  private var close: Int64?
  /// When it began, or was over; in milliseconds.
  private var at: Int64?

  init(_ act: IncidentAct) {
    switch act {
    case .open(let report):
      title = report.title
      services = report.services
      environment = report.environment
      severity = report.severity.rawValue
      at = report.since?.milliseconds
    case .close(let number, let end):
      close = number
      at = end?.milliseconds
    }
  }

  var act: IncidentAct {
    get throws {
      let instant = at.map(Timestamp.init(milliseconds:))
      if let close { return .close(close, at: instant) }
      guard let title, let severity = severity.flatMap(Incident.Severity.init(rawValue:)) else {
        throw unreadable("requests", "a report of an incident")
      }
      return .open(
        IncidentReport(
          title: title, services: services ?? [], environment: environment, severity: severity, since: instant))
    }
  }
}
