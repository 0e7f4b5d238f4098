import PipelineModel

extension Start {
  func write(to out: inout JournalWriter) {
    out.raw(",\"definition\":")
    out.integer(definition)
    out.raw(",\"pipeline\":")
    out.string(pipeline)
    out.raw(",\"service\":")
    out.string(target.service)
    out.raw(",\"environment\":")
    out.string(target.environment)
    out.raw(",\"version\":")
    out.string(version)
    out.raw(",\"stable\":")
    out.optional(stable)
    out.raw(",\"parameters\":")
    out.list(parameters) { out, binding in
      out.raw("[")
      out.string(binding.name)
      out.raw(",")
      out.string(binding.value)
      out.raw("]")
    }
    out.raw(",\"slots\":")
    out.list(slots) { $1.write(to: &$0) }
    out.raw(",\"seed\":")
    out.unsigned(seed)
    out.raw(",\"queued\":")
    out.bool(queued)
    if let change {
      out.raw(",\"change\":")
      out.string(change.rawValue)
    }
    if !spent.isEmpty {
      out.raw(",\"spent\":")
      out.list(spent) { $0.string($1) }
    }
    guard !ramps.isEmpty else { return }
    out.raw(",\"ramps\":")
    out.list(ramps) { $1.write(to: &$0) }
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"definition\":")
    let definition = try input.integer()
    try input.expect(",\"pipeline\":")
    let pipeline = try input.string()
    try input.expect(",\"service\":")
    let service = try input.string()
    try input.expect(",\"environment\":")
    let environment = try input.string()
    try input.expect(",\"version\":")
    let version = try input.string()
    try input.expect(",\"stable\":")
    let stable = try input.optional()
    try input.expect(",\"parameters\":")
    let parameters = try input.list { input throws(DamagedEntry) in try Binding(from: &input) }
    try input.expect(",\"slots\":")
    let slots = try input.list { input throws(DamagedEntry) in try Slot(from: &input) }
    try input.expect(",\"seed\":")
    let seed = try input.unsigned()
    try input.expect(",\"queued\":")
    self.init(
      definition: definition, pipeline: pipeline, target: Target(service: service, environment: environment),
      version: version, stable: stable, parameters: parameters, slots: slots, seed: seed, queued: try input.bool())
    if input.take(",\"change\":") {
      guard let claimed = ChangeKind(rawValue: try input.string()) else { throw input.damaged }
      change = claimed
    }
    if input.take(",\"spent\":") { spent = try input.listOfSome { input throws(DamagedEntry) in try input.string() } }
    guard input.take(",\"ramps\":") else { return }
    ramps = try input.listOfSome { input throws(DamagedEntry) in try Ramp(from: &input) }
  }
}

// `["new-checkout","v2",["checkout"],7]`, the last from the version on that pins revisions.

extension Start.Ramp {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw("[")
    out.string(key)
    out.raw(",")
    out.string(generation)
    out.raw(",")
    out.list(services) { $0.string($1) }
    if let revision {
      out.raw(",")
      out.integer(revision)
    }
    out.raw("]")
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let key = try input.string()
    try input.expect(",")
    let generation = try input.string()
    try input.expect(",")
    self.init(
      key: key, generation: generation,
      services: try input.list { input throws(DamagedEntry) in try input.string() })
    if input.take(",") { revision = try input.integer() }
    try input.expect("]")
  }
}

extension Start.Binding {
  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let name = try input.string()
    try input.expect(",")
    self.init(name: name, value: try input.string())
    try input.expect("]")
  }
}

extension Slot {
  func write(to out: inout JournalWriter) { self == .blue ? out.raw("\"blue\"") : out.raw("\"green\"") }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    if input.take("\"blue\"") {
      self = .blue
    } else {
      try input.expect("\"green\"")
      self = .green
    }
  }
}
