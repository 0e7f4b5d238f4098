package import PipelineModel

/// The incidents of a store that are open: decides what may be reported, and folds what was.
package struct IncidentLog: Equatable, Sendable {
  /// By number.
  package private(set) var open: [Int64: Incident]
  /// The highest number given so far; 0 for none.
  package private(set) var last: Int64

  package init(last: Int64 = 0, open: [Incident] = []) {
    self.last = last
    self.open = Dictionary(open.map { ($0.number, $0) }) { $1 }
  }

  /// What the act comes to.
  ///
  /// - Throws: `Refusal` for a title nobody could read, an instant that has not come, or an incident that is not open.
  package func decide(_ act: IncidentAct, now: Timestamp) throws(Refusal) -> IncidentFact {
    switch act {
    case .open(let report): .opened(try incident(report, now))
    case .close(let number, let end): try closed(number, end, now)
    }
  }

  package mutating func apply(_ fact: IncidentFact) {
    switch fact {
    case .opened(let incident):
      open[incident.number] = incident
      last = max(last, incident.number)
    case .closed(let incident, _): open[incident.number] = nil
    case .refused: break
    }
  }

  private func incident(_ report: IncidentReport, _ now: Timestamp) throws(Refusal) -> Incident {
    let heading = try Heading(report.title, of: report.services, on: "an incident", saying: "what is wrong")
    try mustHaveCome(report.since, now)
    return Incident(
      number: last + 1, title: heading.title, services: heading.services, environment: report.environment,
      severity: report.severity, since: report.since ?? now)
  }

  private func closed(_ number: Int64, _ end: Timestamp?, _ now: Timestamp) throws(Refusal) -> IncidentFact {
    guard let incident = open[number] else {
      throw Refusal(
        1...max(1, last) ~= number && last > 0
          ? "incident \(number) is closed already"
          : "there is no incident \(number); `headgate incident list` shows those there are")
    }
    try mustHaveCome(end, now)
    let end = end ?? now
    guard end >= incident.since else {
      throw Refusal(
        "incident \(number) began at \(incident.since.rfc3339), so it cannot have been over at \(end.rfc3339)")
    }
    return .closed(incident, at: end)
  }

  private func mustHaveCome(_ instant: Timestamp?, _ now: Timestamp) throws(Refusal) {
    guard let instant, instant > now else { return }
    throw Refusal("\(instant.rfc3339) has not come yet: it is \(now.rfc3339) now")
  }
}
