import PipelineModel

// What follows `"kind":"freeze"`.

extension FreezeFact {
  func write(to out: inout JournalWriter) {
    out.raw(",\"what\":\"")
    switch self {
    case .started(let freeze):
      out.raw("started\"")
      freeze.write(to: &out)
    case .ended(let freeze):
      out.raw("ended\"")
      freeze.write(to: &out)
    case .met(let freeze, let meeting):
      out.raw("met\"")
      freeze.write(to: &out)
      meeting.write(to: &out)
    case .refused(let act, let because):
      out.raw("refused\"")
      act.write(to: &out)
      out.raw(",\"because\":")
      out.string(because)
    }
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"what\":\"")
    if input.take("started\"") {
      self = .started(try Freeze(from: &input))
    } else if input.take("ended\"") {
      self = .ended(try Freeze(from: &input))
    } else if input.take("met\"") {
      let freeze = try Freeze(from: &input)
      self = .met(freeze, try FreezeMeeting(from: &input))
    } else {
      try input.expect("refused\"")
      let act = try FreezeAct(from: &input)
      try input.expect(",\"because\":")
      self = .refused(act, because: try input.string())
    }
  }
}

extension FreezeAct {
  /// As a request keeps it.
  package var canonicalText: String { JournalWriter.text { write(to: &$0) } }

  /// Reads what `canonicalText` gives; every byte must belong to it.
  package init(canonicalText text: String) throws(DamagedEntry) {
    self = try JournalReader.read(text) { input throws(DamagedEntry) in try FreezeAct(from: &input) }
  }

  fileprivate func write(to out: inout JournalWriter) {
    switch self {
    case .start(let plan):
      out.raw(",\"act\":\"start\"")
      FreezeWords(plan).write(to: &out)
      out.raw(",\"from\":")
      out.optional(plan.from) { $0.time($1) }
    case .end(let number):
      out.raw(",\"act\":\"end\",\"freeze\":")
      out.integer(number)
    }
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    if input.take(",\"act\":\"start\"") {
      let words = try FreezeWords(from: &input)
      try input.expect(",\"from\":")
      let from = try input.optional { input throws(DamagedEntry) in try input.time() }
      self = .start(words.plan(from: from))
    } else {
      try input.expect(",\"act\":\"end\",\"freeze\":")
      self = .end(try input.integer())
    }
  }
}

extension Freeze {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw(",\"freeze\":")
    out.integer(number)
    FreezeWords(self).write(to: &out)
    out.raw(",\"from\":")
    out.time(from)
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"freeze\":")
    let number = try input.integer()
    let words = try FreezeWords(from: &input)
    try input.expect(",\"from\":")
    self = words.freeze(number, from: try input.time())
  }
}

extension FreezeMeeting {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw(",\"by\":")
    out.string(what)
    out.raw(",\"of\":")
    out.list(services) { $0.string($1) }
    out.raw(",\"in\":")
    out.string(environment)
    out.raw(",\"outcome\":")
    out.string(outcome.rawValue)
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"by\":")
    let what = try input.string()
    try input.expect(",\"of\":")
    let services = try input.list { input throws(DamagedEntry) in try input.string() }
    try input.expect(",\"in\":")
    let environment = try input.string()
    try input.expect(",\"outcome\":")
    guard let outcome = Outcome(rawValue: try input.string()) else { throw input.damaged }
    self.init(what, services: services, environment: environment, outcome)
  }
}

/// What a plan and the freeze it became have in common.
private struct FreezeWords {
  var title: String
  var services: [String]
  var environment: String?
  var until: Timestamp?
  var starts: Freeze.Starts
  var exceptions: [ChangeKind]

  init(_ plan: FreezePlan) {
    (title, services, environment, until) = (plan.title, plan.services, plan.environment, plan.until)
    (starts, exceptions) = (plan.starts, plan.exceptions)
  }

  init(_ freeze: Freeze) {
    (title, services, environment, until) = (freeze.title, freeze.services, freeze.environment, freeze.until)
    (starts, exceptions) = (freeze.starts, freeze.exceptions)
  }

  func plan(from: Timestamp?) -> FreezePlan {
    FreezePlan(
      title: title, services: services, environment: environment, from: from, until: until, starts: starts,
      exceptions: exceptions)
  }

  func freeze(_ number: Int64, from: Timestamp) -> Freeze {
    Freeze(
      number: number, title: title, services: services, environment: environment, from: from, until: until,
      starts: starts, exceptions: exceptions)
  }

  func write(to out: inout JournalWriter) {
    out.raw(",\"title\":")
    out.string(title)
    out.raw(",\"services\":")
    out.list(services) { $0.string($1) }
    out.raw(",\"environment\":")
    out.optional(environment)
    out.raw(",\"until\":")
    out.optional(until) { $0.time($1) }
    out.raw(",\"starts\":")
    out.string(starts.rawValue)
    out.raw(",\"except\":")
    out.list(exceptions) { $0.string($1.rawValue) }
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"title\":")
    title = try input.string()
    try input.expect(",\"services\":")
    services = try input.list { input throws(DamagedEntry) in try input.string() }
    try input.expect(",\"environment\":")
    environment = try input.optional()
    try input.expect(",\"until\":")
    until = try input.optional { input throws(DamagedEntry) in try input.time() }
    try input.expect(",\"starts\":")
    guard let starts = Freeze.Starts(rawValue: try input.string()) else { throw input.damaged }
    self.starts = starts
    try input.expect(",\"except\":")
    exceptions = try input.list { input throws(DamagedEntry) in
      guard let kind = ChangeKind(rawValue: try input.string()) else { throw input.damaged }
      return kind
    }
  }
}
