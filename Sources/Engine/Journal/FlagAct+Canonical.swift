import Flags
import PipelineModel

extension FlagAct {
  /// As it stands in an entry that refuses it, and in a request for it.
  package var canonicalText: String { JournalWriter.text { write(to: &$0) } }

  /// Reads what `canonicalText` gives.
  package init(canonicalText text: String) throws(DamagedEntry) {
    self = try JournalReader.read(text) { input throws(DamagedEntry) in try FlagAct(from: &input) }
  }

  func write(to out: inout JournalWriter) {
    switch self {
    case .wish(let wish):
      out.raw("[\"wish\",")
      wish.write(to: &out)
    case .wishes(let wishes):
      out.raw("[\"wishes\",")
      out.list(wishes) { $1.write(to: &$0) }
    case .approve(let id, let hash):
      out.raw("[\"approve\",")
      out.integer(id)
      out.raw(",")
      out.string(hash)
    case .reject(let id):
      out.raw("[\"reject\",")
      out.integer(id)
    case .amend(let id, let draft):
      out.raw("[\"amend\",")
      out.integer(id)
      out.raw(",")
      draft.write(to: &out)
    }
    out.raw("]")
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    self = try Self.read(from: &input)
    try input.expect("]")
  }

  private static func read(from input: inout JournalReader) throws(DamagedEntry) -> FlagAct {
    if input.take("[\"wish\",") { return .wish(try FlagWish(from: &input)) }
    if input.take("[\"wishes\",") {
      return .wishes(try input.list { input throws(DamagedEntry) in try FlagWish(from: &input) })
    }
    if input.take("[\"approve\",") {
      let id = try input.integer()
      try input.expect(",")
      return .approve(id, hash: try input.string())
    }
    if input.take("[\"reject\",") { return .reject(try input.integer()) }
    try input.expect("[\"amend\",")
    let id = try input.integer()
    try input.expect(",")
    return .amend(id, try FlagDraft(from: &input))
  }
}

// `{"flag":["staging","f"],"deed":["turnOn",null],"ifRevision":null,"at":null,"onlyProposes":false,"breaksGlass":false}`

extension FlagWish {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw("{\"flag\":")
    name.write(to: &out)
    out.raw(",\"deed\":")
    deed.write(to: &out)
    out.raw(",\"ifRevision\":")
    out.optional(ifRevision) { $0.integer($1) }
    out.raw(",\"at\":")
    out.optional(at) { $0.time($1) }
    out.raw(",\"onlyProposes\":")
    out.bool(onlyProposes)
    out.raw(",\"breaksGlass\":")
    out.bool(breaksGlass)
    out.raw("}")
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("{\"flag\":")
    let name = try FlagName(from: &input)
    try input.expect(",\"deed\":")
    let deed = try FlagDeed(from: &input)
    try input.expect(",\"ifRevision\":")
    let ifRevision = try input.optional { input throws(DamagedEntry) in try input.integer() }
    try input.expect(",\"at\":")
    let at = try input.optional { input throws(DamagedEntry) in try input.time() }
    try input.expect(",\"onlyProposes\":")
    let onlyProposes = try input.bool()
    try input.expect(",\"breaksGlass\":")
    self.init(
      name, deed, ifRevision: ifRevision, at: at, onlyProposes: onlyProposes, breaksGlass: try input.bool())
    try input.expect("}")
  }
}

extension FlagDeed {
  fileprivate func write(to out: inout JournalWriter) {
    switch self {
    case .create(let draft):
      out.raw("[\"create\",")
      draft.write(to: &out)
    case .set(let draft):
      out.raw("[\"set\",")
      draft.write(to: &out)
    case .import(let draft):
      out.raw("[\"import\",")
      draft.write(to: &out)
    case .turnOn(let variant):
      out.raw("[\"turnOn\",")
      out.optional(variant)
    case .turnOff: out.raw("[\"turnOff\"")
    case .kill: out.raw("[\"kill\"")
    case .archive: out.raw("[\"archive\"")
    case .revert(let number):
      out.raw("[\"revert\",")
      out.integer(number)
    }
    out.raw("]")
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    self = try Self.read(from: &input)
    try input.expect("]")
  }

  private static func read(from input: inout JournalReader) throws(DamagedEntry) -> FlagDeed {
    if input.take("[\"create\",") { return .create(try FlagDraft(from: &input)) }
    if input.take("[\"set\",") { return .set(try FlagDraft(from: &input)) }
    if input.take("[\"import\",") { return .import(try FlagDraft(from: &input)) }
    if input.take("[\"turnOn\",") { return .turnOn(variant: try input.optional()) }
    if input.take("[\"turnOff\"") { return .turnOff }
    if input.take("[\"kill\"") { return .kill }
    if input.take("[\"archive\"") { return .archive }
    try input.expect("[\"revert\",")
    return .revert(to: try input.integer())
  }
}

extension FlagDraft {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw("{\"definition\":")
    out.string(definition)
    out.raw(",\"contract\":")
    contract.write(to: &out)
    out.raw(",\"fractional\":\"")
    if let generation { out.raw(generation) }
    out.raw("\"}")
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("{\"definition\":")
    let definition = try input.string()
    try input.expect(",\"contract\":")
    let contract = try FlagContract(from: &input)
    try input.expect(",\"fractional\":\"")
    let generation = input.take("\"}") ? nil : try input.generation()
    if generation != nil { try input.expect("\"}") }
    self.init(definition: definition, contract: contract, generation: generation)
  }
}
