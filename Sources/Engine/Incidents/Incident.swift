package import PipelineModel

/// Something that went wrong, as somebody reported it.
package struct Incident: Hashable, Sendable {
  /// 1, 2, 3 … in its store.
  package var number: Int64
  package var title: String
  /// Sorted, none twice; empty: not known yet.
  package var services: [String]
  /// `nil`: not known, or more than one.
  package var environment: String?
  package var severity: Severity
  /// When it began, as far as is known; never after it was reported.
  package var since: Timestamp

  /// How bad it is.
  package enum Severity: String, Hashable, Sendable, CaseIterable {
    case minor, major, critical
  }

  package init(
    number: Int64, title: String, services: [String], environment: String? = nil, severity: Severity, since: Timestamp
  ) {
    self.number = number
    self.title = title
    self.services = services
    self.environment = environment
    self.severity = severity
    self.since = since
  }
}

/// What somebody says of an incident.
package struct IncidentReport: Hashable, Sendable {
  package var title: String
  package var services: [String]
  package var environment: String?
  package var severity: Incident.Severity
  /// `nil`: when the report comes in.
  package var since: Timestamp?

  package init(
    title: String, services: [String], environment: String? = nil, severity: Incident.Severity = .major,
    since: Timestamp? = nil
  ) {
    self.title = title
    self.services = services
    self.environment = environment
    self.severity = severity
    self.since = since
  }
}

/// What a person may do about incidents.
package enum IncidentAct: Hashable, Sendable {
  case open(IncidentReport)
  /// It was over at this instant; `nil`: when the request comes in.
  case close(Int64, at: Timestamp?)
}

/// What happened of an incident. Who reported it, and why, is in the entry.
package enum IncidentFact: Hashable, Sendable {
  case opened(Incident)
  /// The incident as it was opened, and when it was over.
  case closed(Incident, at: Timestamp)
  /// Somebody asked for something that could not be done. Changes nothing.
  case refused(IncidentAct, because: String)
}

extension IncidentFact {
  /// The services it is about.
  package var services: [String] {
    switch self {
    case .opened(let incident), .closed(let incident, _): incident.services
    case .refused(.open(let report), _): report.services
    case .refused(.close, _): []
    }
  }

  /// The environment it is about; `nil`: not known, or more than one.
  package var environment: String? {
    switch self {
    case .opened(let incident), .closed(let incident, _): incident.environment
    case .refused(.open(let report), _): report.environment
    case .refused(.close, _): nil
    }
  }
}
