import PipelineModel

extension IncidentFact {
  func write(to out: inout JournalWriter) {
    switch self {
    case .opened(let incident):
      out.raw(",\"what\":\"opened\"")
      incident.write(to: &out)
    case .closed(let incident, let end):
      out.raw(",\"what\":\"closed\"")
      incident.write(to: &out)
      out.raw(",\"at\":")
      out.time(end)
    case .refused(let act, let reason):
      out.raw(",\"what\":\"refused\"")
      act.write(to: &out)
      out.raw(",\"because\":")
      out.string(reason)
    }
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    if input.take(",\"what\":\"opened\"") {
      self = .opened(try Incident(from: &input))
    } else if input.take(",\"what\":\"closed\"") {
      let incident = try Incident(from: &input)
      try input.expect(",\"at\":")
      self = .closed(incident, at: try input.time())
    } else {
      try input.expect(",\"what\":\"refused\"")
      let act = try IncidentAct(from: &input)
      try input.expect(",\"because\":")
      self = .refused(act, because: try input.string())
    }
  }
}

extension IncidentAct {
  fileprivate func write(to out: inout JournalWriter) {
    switch self {
    case .open(let report):
      out.raw(",\"act\":\"open\"")
      IncidentWords(report).write(to: &out)
      out.raw(",\"since\":")
      out.optional(report.since) { $0.time($1) }
    case .close(let number, let end):
      out.raw(",\"act\":\"close\",\"incident\":")
      out.integer(number)
      out.raw(",\"at\":")
      out.optional(end) { $0.time($1) }
    }
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    if input.take(",\"act\":\"open\"") {
      let words = try IncidentWords(from: &input)
      try input.expect(",\"since\":")
      let since = try input.optional { input throws(DamagedEntry) in try input.time() }
      self = .open(
        IncidentReport(
          title: words.title, services: words.services, environment: words.environment, severity: words.severity,
          since: since))
    } else {
      try input.expect(",\"act\":\"close\",\"incident\":")
      let number = try input.integer()
      try input.expect(",\"at\":")
      self = .close(number, at: try input.optional { input throws(DamagedEntry) in try input.time() })
    }
  }
}

extension Incident {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw(",\"incident\":")
    out.integer(number)
    IncidentWords(title: title, services: services, environment: environment, severity: severity).write(to: &out)
    out.raw(",\"since\":")
    out.time(since)
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"incident\":")
    let number = try input.integer()
    let words = try IncidentWords(from: &input)
    try input.expect(",\"since\":")
    self.init(
      number: number, title: words.title, services: words.services, environment: words.environment,
      severity: words.severity, since: try input.time())
  }
}

/// What a report and the incident it became have in common.
private struct IncidentWords {
  var title: String
  var services: [String]
  var environment: String?
  var severity: Incident.Severity

  init(title: String, services: [String], environment: String?, severity: Incident.Severity) {
    (self.title, self.services, self.environment, self.severity) = (title, services, environment, severity)
  }

  init(_ report: IncidentReport) {
    self.init(
      title: report.title, services: report.services, environment: report.environment, severity: report.severity)
  }

  func write(to out: inout JournalWriter) {
    out.raw(",\"title\":")
    out.string(title)
    out.raw(",\"services\":")
    out.list(services) { $0.string($1) }
    out.raw(",\"environment\":")
    out.optional(environment)
    out.raw(",\"severity\":")
    out.string(severity.rawValue)
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"title\":")
    title = try input.string()
    try input.expect(",\"services\":")
    services = try input.list { input throws(DamagedEntry) in try input.string() }
    try input.expect(",\"environment\":")
    environment = try input.optional()
    try input.expect(",\"severity\":")
    guard let severity = Incident.Severity(rawValue: try input.string()) else { throw input.damaged }
    self.severity = severity
  }
}
