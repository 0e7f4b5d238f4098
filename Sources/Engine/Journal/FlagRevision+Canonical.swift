import Flags
import PipelineModel

// `{"flag":["production","new-checkout"],"number":2,"change":["turnedOn"],"definition":"{…}","contract":{…},
//   "fractional":"v2","latched":false,"archived":false}`, and before the end `,"asked":[7,"person:ada",null]` where somebody
// had asked for it before.

extension FlagRevision {
  /// As it stands in its entry.
  package var canonicalText: String {
    var out = JournalWriter()
    write(to: &out)
    return String(decoding: out.bytes, as: UTF8.self)
  }

  func write(to out: inout JournalWriter) {
    out.raw("{\"flag\":")
    name.write(to: &out)
    out.raw(",\"number\":")
    out.integer(number)
    out.raw(",\"change\":")
    change.write(to: &out)
    out.raw(",\"definition\":")
    out.string(definition)
    out.raw(",\"contract\":")
    contract.write(to: &out)
    out.raw(",\"fractional\":\"")
    out.raw(generation)
    out.raw("\",\"latched\":")
    out.bool(isLatched)
    out.raw(",\"archived\":")
    out.bool(isArchived)
    if let asked {
      out.raw(",\"asked\":")
      asked.write(to: &out)
    }
    out.raw("}")
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("{\"flag\":")
    let name = try FlagName(from: &input)
    try input.expect(",\"number\":")
    let number = try input.integer()
    try input.expect(",\"change\":")
    let change = try FlagChange(from: &input)
    try input.expect(",\"definition\":")
    let definition = try input.string()
    try input.expect(",\"contract\":")
    let contract = try FlagContract(from: &input)
    try input.expect(",\"fractional\":\"")
    let generation = try input.generation()
    try input.expect("\",\"latched\":")
    let isLatched = try input.bool()
    try input.expect(",\"archived\":")
    self.init(
      name: name, number: number, change: change, definition: definition, contract: contract, generation: generation,
      isLatched: isLatched, isArchived: try input.bool(),
      asked: input.take(",\"asked\":") ? try Asked(from: &input) : nil)
    try input.expect("}")
  }
}

extension FlagRevision.Asked {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw("[")
    out.integer(proposal)
    out.raw(",")
    out.string(by.description)
    out.raw(",")
    out.optional(reason)
    out.raw("]")
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let proposal = try input.integer()
    try input.expect(",")
    let by = try input.principal()
    try input.expect(",")
    self.init(proposal, by: by, reason: try input.optional())
    try input.expect("]")
  }
}

extension JournalWriter {
  mutating func raw(_ generation: Generation) {
    switch generation {
    case .v1: raw("v1")
    case .v2: raw("v2")
    case .v3: raw("v3")
    }
  }

  /// `null` for nothing.
  mutating func optional<Value>(_ value: Value?, _ write: (inout JournalWriter, Value) -> Void) {
    if let value { write(&self, value) } else { raw("null") }
  }
}

extension JournalReader {
  mutating func generation() throws(DamagedEntry) -> Generation {
    if take("v1") { return .v1 }
    if take("v2") { return .v2 }
    try expect("v3")
    return .v3
  }

  mutating func optional<Value>(
    _ read: (inout JournalReader) throws(DamagedEntry) -> Value
  ) throws(DamagedEntry) -> Value? {
    take("null") ? nil : try read(&self)
  }
}

extension FlagName {
  func write(to out: inout JournalWriter) {
    out.raw("[")
    out.string(environment)
    out.raw(",")
    out.string(key)
    out.raw("]")
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let environment = try input.string()
    try input.expect(",")
    self.init(environment: environment, key: try input.string())
    try input.expect("]")
  }
}

extension FlagChange {
  fileprivate func write(to out: inout JournalWriter) {
    switch self {
    case .created: out.raw("[\"created\"]")
    case .changed: out.raw("[\"changed\"]")
    case .turnedOn: out.raw("[\"turnedOn\"]")
    case .turnedOff: out.raw("[\"turnedOff\"]")
    case .archived: out.raw("[\"archived\"]")
    case .imported: out.raw("[\"imported\"]")
    case .killed: out.raw("[\"killed\"]")
    case .reverted(let number):
      out.raw("[\"reverted\",")
      out.integer(number)
      out.raw("]")
    case .stepped(let step):
      out.raw("[\"stepped\",")
      step.write(to: &out)
      out.raw("]")
    case .switchedOff(let run, let effect):
      out.raw("[\"switchedOff\",")
      out.integer(run.number)
      out.raw(",")
      out.integer(Int64(effect.number))
      out.raw("]")
    }
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    self = try Self.read(from: &input)
    try input.expect("]")
  }

  private static func read(from input: inout JournalReader) throws(DamagedEntry) -> FlagChange {
    if input.take("[\"stepped\",") { return .stepped(try FlagStep(from: &input)) }
    if input.take("[\"created\"") { return .created }
    if input.take("[\"changed\"") { return .changed }
    if input.take("[\"turnedOn\"") { return .turnedOn }
    if input.take("[\"turnedOff\"") { return .turnedOff }
    if input.take("[\"archived\"") { return .archived }
    if input.take("[\"imported\"") { return .imported }
    if input.take("[\"killed\"") { return .killed }
    if input.take("[\"reverted\",") { return .reverted(to: try input.integer()) }
    try input.expect("[\"switchedOff\",")
    let run = RunID(try input.integer())
    try input.expect(",")
    return .switchedOff(run: run, effect: EffectID(Int(try input.integer())))
  }
}

// `[41,12,"on",null,1000,false]`

extension FlagStep {
  func write(to out: inout JournalWriter) {
    out.raw("[")
    out.integer(run.number)
    out.raw(",")
    out.integer(Int64(effect.number))
    out.raw(",")
    out.string(variant)
    out.raw(",")
    out.optional(against)
    out.raw(",")
    out.integer(Int64(weight))
    out.raw(",")
    out.bool(latches)
    out.raw("]")
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let run = RunID(try input.integer())
    try input.expect(",")
    let effect = EffectID(Int(try input.integer()))
    try input.expect(",")
    let variant = try input.string()
    try input.expect(",")
    let against = try input.optional()
    try input.expect(",")
    let weight = Int(try input.integer())
    try input.expect(",")
    self.init(
      run: run, effect: effect, variant: variant, against: against, weight: weight, latches: try input.bool())
    try input.expect("]")
  }
}
