import Flags
import PipelineModel

extension FlagProposal {
  func write(to out: inout JournalWriter) {
    out.raw("{\"id\":")
    out.integer(id)
    out.raw(",\"by\":")
    out.string(requester.description)
    out.raw(",\"at\":")
    out.time(requestedAt)
    out.raw(",\"reason\":")
    out.optional(reason)
    out.raw(",\"expires\":")
    out.time(expires)
    out.raw(",\"needs\":")
    out.integer(Int64(approvalsNeeded))
    out.raw(",\"due\":")
    out.optional(due) { $0.time($1) }
    out.raw(",\"movers\":")
    out.optional(movers) { $1.write(to: &$0) }
    out.raw(",\"state\":")
    state.write(to: &out)
    out.raw(",\"revision\":")
    revision.write(to: &out)
    out.raw("}")
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("{\"id\":")
    let id = try input.integer()
    try input.expect(",\"by\":")
    let requester = try input.principal()
    try input.expect(",\"at\":")
    let requestedAt = try input.time()
    try input.expect(",\"reason\":")
    let reason = try input.optional()
    try input.expect(",\"expires\":")
    let expires = try input.time()
    try input.expect(",\"needs\":")
    let needed = Int(try input.integer())
    try input.expect(",\"due\":")
    let due = try input.optional { input throws(DamagedEntry) in try input.time() }
    try input.expect(",\"movers\":")
    let movers = try input.optional { input throws(DamagedEntry) in try Movers(from: &input) }
    try input.expect(",\"state\":")
    let state = try State(from: &input)
    try input.expect(",\"revision\":")
    self.init(
      id: id, revision: try FlagRevision(from: &input), requester: requester, requestedAt: requestedAt, reason: reason,
      expires: expires, approvalsNeeded: needed, due: due, movers: movers, state: state)
    try input.expect("}")
  }
}

extension FlagProposal.Movers {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw("[")
    out.integer(Int64(moved))
    out.raw(",")
    out.integer(Int64(of))
    out.raw(isUnclear ? ",\"unclear\"]" : "]")
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let moved = Int(try input.integer())
    try input.expect(",")
    let of = Int(try input.integer())
    self.init(moved: moved, of: of, isUnclear: input.take(",\"unclear\""))
    try input.expect("]")
  }
}

extension FlagProposal.State {
  fileprivate func write(to out: inout JournalWriter) {
    switch self {
    case .open: out.raw("[\"open\"]")
    case .scheduled: out.raw("[\"scheduled\"]")
    case .held(let freeze):
      out.raw("[\"held\",")
      out.integer(freeze)
      out.raw("]")
    case .applied: out.raw("[\"applied\"]")
    case .brokeGlass: out.raw("[\"brokeGlass\"]")
    case .expired: out.raw("[\"expired\"]")
    case .reviewed(let principal):
      out.raw("[\"reviewed\",")
      out.string(principal.description)
      out.raw("]")
    case .rejected(let principal):
      out.raw("[\"rejected\",")
      out.string(principal.description)
      out.raw("]")
    case .void(let because):
      out.raw("[\"void\",")
      out.string(because)
      out.raw("]")
    }
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    self = try Self.read(from: &input)
    try input.expect("]")
  }

  private static func read(from input: inout JournalReader) throws(DamagedEntry) -> Self {
    if input.take("[\"open\"") { return .open }
    if input.take("[\"scheduled\"") { return .scheduled }
    if input.take("[\"held\",") { return .held(by: try input.integer()) }
    if input.take("[\"applied\"") { return .applied }
    if input.take("[\"brokeGlass\"") { return .brokeGlass }
    if input.take("[\"expired\"") { return .expired }
    if input.take("[\"reviewed\",") { return .reviewed(by: try input.principal()) }
    if input.take("[\"rejected\",") { return .rejected(by: try input.principal()) }
    try input.expect("[\"void\",")
    return .void(because: try input.string())
  }
}
