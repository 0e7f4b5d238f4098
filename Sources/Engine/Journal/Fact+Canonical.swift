import PipelineModel

extension Fact {
  func write(to out: inout JournalWriter) {
    out.raw("{\"kind\":\"")
    switch self {
    case .controllerStarted(let epoch, let store):
      out.raw("controllerStarted\",\"epoch\":")
      out.integer(epoch)
      if let store { store.write(to: &out) }
    case .defined(let pipeline, let path, let text):
      out.raw("defined\",\"pipeline\":")
      out.string(pipeline)
      out.raw(",\"path\":")
      out.string(path)
      out.raw(",\"text\":")
      out.string(text)
    case .flag(let fact): fact.write(to: &out)
    case .started(let start):
      out.raw("started\"")
      start.write(to: &out)
    case .begun(let stable, let slots, let spent):
      out.raw("begun\",\"stable\":")
      out.optional(stable)
      out.raw(",\"slots\":")
      out.list(slots) { $1.write(to: &$0) }
      if !spent.isEmpty {
        out.raw(",\"spent\":")
        out.list(spent) { $0.string($1) }
      }
    case .measured(let effect, let reading):
      out.raw("measured\",\"effect\":")
      out.integer(Int64(effect.number))
      reading.write(to: &out)
    case .shifted(let effect):
      out.raw("shifted\",\"effect\":")
      out.integer(Int64(effect.number))
    case .drifted(let route, let found):
      out.raw("drifted\",\"route\":")
      out.integer(Int64(route))
      out.raw(",\"found\":")
      out.integer(Int64(found.basisPoints))
    case .deployed(let effect):
      out.raw("deployed\",\"effect\":")
      out.integer(Int64(effect.number))
    case .retired(let effect):
      out.raw("retired\",\"effect\":")
      out.integer(Int64(effect.number))
    case .checked(let effect, let status, let output):
      out.raw("checked\",\"effect\":")
      out.integer(Int64(effect.number))
      out.raw(",\"status\":")
      out.integer(Int64(status))
      out.raw(",\"output\":")
      out.string(output)
    case .performed(let effect, let end, let output):
      out.raw("performed\",\"effect\":")
      out.integer(Int64(effect.number))
      out.raw(",\"end\":")
      out.string(end.rawValue)
      out.raw(",\"output\":")
      out.string(output)
    case .displaced(let route, let extra):
      out.raw("displaced\",\"route\":")
      out.integer(Int64(route))
      out.raw(",\"extra\":")
      out.string(extra.rawValue)
    case .failed(let effect, let failure):
      out.raw("failed\",\"effect\":")
      out.integer(Int64(effect.number))
      failure.writeWhole(to: &out)
    case .timePassed:
      out.raw("timePassed\"")
    case .acted(let act):
      out.raw("acted\"")
      act.write(to: &out)
    case .refused(let act, let because):
      out.raw("refused\"")
      act.write(to: &out)
      out.raw(",\"because\":")
      out.string(because)
    case .switchedOff(let effect):
      out.raw("switchedOff\",\"effect\":")
      out.integer(Int64(effect.number))
    case .overruled(let route, let found, let because):
      out.raw("overruled\",\"route\":")
      out.integer(Int64(route))
      out.raw(",\"found\":")
      if let found { out.integer(Int64(found.basisPoints)) } else { out.raw("null") }
      out.raw(",\"because\":")
      out.string(because)
    case .rebaselined(let run):
      out.raw("rebaselined\",\"by\":")
      out.integer(run.number)
    case .superseded(let run):
      out.raw("superseded\",\"by\":")
      out.integer(run.number)
    case .incident(let fact):
      out.raw("incident\"")
      fact.write(to: &out)
    case .freeze(let fact):
      out.raw("freeze\"")
      fact.write(to: &out)
    case .audit(let fact):
      out.raw("audit\"")
      fact.write(to: &out)
    }
    out.raw("}")
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("{\"kind\":\"")
    // The commonest first: a journal is mostly measurements.
    if input.take("measured\",\"effect\":") {
      self = .measured(EffectID(Int(try input.integer())), try Reading(from: &input))
    } else if input.take("shifted\",\"effect\":") {
      self = .shifted(EffectID(Int(try input.integer())))
    } else if input.take("timePassed\"") {
      self = .timePassed
    } else if input.take("started\"") {
      self = .started(try Start(from: &input))
    } else if input.take("failed\",\"effect\":") {
      self = .failed(EffectID(Int(try input.integer())), try Failure(whole: &input))
    } else {
      self = try Self.rarer(from: &input)
    }
    try input.expect("}")
  }

  private static func rarer(from input: inout JournalReader) throws(DamagedEntry) -> Fact {
    if input.take("begun\",\"stable\":") {
      let stable = try input.optional()
      try input.expect(",\"slots\":")
      let slots = try input.list { input throws(DamagedEntry) in try Slot(from: &input) }
      guard input.take(",\"spent\":") else { return .begun(stable: stable, slots: slots) }
      let spent = try input.listOfSome { input throws(DamagedEntry) in try input.string() }
      return .begun(stable: stable, slots: slots, spent: spent)
    }
    if input.take("deployed\",\"effect\":") { return .deployed(EffectID(Int(try input.integer()))) }
    if input.take("retired\",\"effect\":") { return .retired(EffectID(Int(try input.integer()))) }
    if input.take("checked\",\"effect\":") {
      let effect = EffectID(Int(try input.integer()))
      try input.expect(",\"status\":")
      let status = Int(try input.integer())
      try input.expect(",\"output\":")
      return .checked(effect, status: status, output: try input.string())
    }
    if input.take("performed\",\"effect\":") {
      let effect = EffectID(Int(try input.integer()))
      try input.expect(",\"end\":")
      guard let end = StepEnd(rawValue: try input.string()) else { throw input.damaged }
      try input.expect(",\"output\":")
      return .performed(effect, end, output: try input.string())
    }
    if input.take("displaced\",\"route\":") {
      let route = Int(try input.integer())
      try input.expect(",\"extra\":")
      guard let extra = Extra(rawValue: try input.string()) else { throw input.damaged }
      return .displaced(route: route, extra)
    }
    if input.take("drifted\",\"route\":") {
      let route = Int(try input.integer())
      try input.expect(",\"found\":")
      return .drifted(route: route, found: Weight(basisPoints: Int(try input.integer())))
    }
    if input.take("acted\"") { return .acted(try Act(from: &input)) }
    if input.take("refused\"") {
      let act = try Act(from: &input)
      try input.expect(",\"because\":")
      return .refused(act, because: try input.string())
    }
    if input.take("superseded\",\"by\":") { return .superseded(by: RunID(try input.integer())) }
    if let fact = try ofRamps(from: &input) { return fact }
    return try ofTheStore(from: &input)
  }

  private static func ofRamps(from input: inout JournalReader) throws(DamagedEntry) -> Fact? {
    if input.take("switchedOff\",\"effect\":") { return .switchedOff(EffectID(Int(try input.integer()))) }
    if input.take("rebaselined\",\"by\":") { return .rebaselined(by: RunID(try input.integer())) }
    guard input.take("overruled\",\"route\":") else { return nil }
    let route = Int(try input.integer())
    try input.expect(",\"found\":")
    let found = input.take("null") ? nil : Weight(basisPoints: Int(try input.integer()))
    try input.expect(",\"because\":")
    return .overruled(route: route, found: found, because: try input.string())
  }

  private static func ofTheStore(from input: inout JournalReader) throws(DamagedEntry) -> Fact {
    if let fact = try FlagFact.read(from: &input) { return .flag(fact) }
    if input.take("controllerStarted\",\"epoch\":") {
      return .controllerStarted(epoch: try input.integer(), in: try StoreIdentity.read(from: &input))
    }
    if input.take("incident\"") { return .incident(try IncidentFact(from: &input)) }
    if input.take("freeze\"") { return .freeze(try FreezeFact(from: &input)) }
    if input.take("audit\"") { return .audit(try AuditFact(from: &input)) }
    try input.expect("defined\",\"pipeline\":")
    let pipeline = try input.string()
    try input.expect(",\"path\":")
    let path = try input.string()
    try input.expect(",\"text\":")
    return .defined(pipeline: pipeline, path: path, text: try input.string())
  }
}

extension Reading {
  fileprivate func write(to out: inout JournalWriter) {
    switch self {
    case .answer(let answer):
      out.raw(",\"answer\":")
      answer.write(to: &out)
    case .noted(let answer, let notes):
      out.raw(",\"answer\":")
      answer.write(to: &out)
      notes.write(to: &out)
    case .failure(let failure):
      failure.write(to: &out)
    }
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    guard input.take(",\"answer\":") else {
      self = .failure(try Failure(from: &input))
      return
    }
    let answer = try Answer(from: &input, depth: 0)
    let notes = try Notes(from: &input)
    self = notes.isEmpty ? .answer(answer) : .noted(answer, notes)
  }
}

extension Reading.Notes {
  fileprivate var isEmpty: Bool { stand == nil && warnings.isEmpty }

  fileprivate func write(to out: inout JournalWriter) {
    if let stand {
      out.raw(",\"by\":")
      out.string(stand.provider)
      out.raw(",\"because\":")
      out.string(stand.because)
    }
    if !warnings.isEmpty {
      out.raw(",\"warnings\":")
      out.list(warnings) { $0.string($1) }
    }
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    self.init()
    if input.take(",\"by\":") {
      let provider = try input.string()
      try input.expect(",\"because\":")
      stand = Stand(provider: provider, because: try input.string())
    }
    if input.take(",\"warnings\":") {
      warnings = try input.list { input throws(DamagedEntry) in try input.string() }
    }
  }
}

extension Act {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw(",\"act\":\"")
    switch self {
    case .approve(let roles):
      out.raw("approve\",\"roles\":")
      out.list(roles) { $0.string($1) }
    case .reject: out.raw("reject\"")
    case .pause: out.raw("pause\"")
    case .resume: out.raw("resume\"")
    case .promote(.step): out.raw("promote\"")
    case .promote(.all): out.raw("promoteAll\"")
    case .abort: out.raw("abort\"")
    case .rollback: out.raw("rollback\"")
    }
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"act\":\"")
    if input.take("approve\",\"roles\":") {
      self = .approve(roles: try input.list { input throws(DamagedEntry) in try input.string() })
      return
    }
    if input.take("reject\"") { self = .reject; return }
    if input.take("pause\"") { self = .pause; return }
    if input.take("resume\"") { self = .resume; return }
    if input.take("promote\"") { self = .promote(.step); return }
    if input.take("promoteAll\"") { self = .promote(.all); return }
    if input.take("abort\"") { self = .abort; return }
    try input.expect("rollback\"")
    self = .rollback
  }
}
