import Flags
import PipelineModel

// `{"owner":"checkout","purpose":null,"expires":null,"endState":"on","services":["checkout"],"rollout":null,
//   "approvals":[["person:ada","2026-11-21T13:05:00.123Z","sha256:…"]]}`

extension FlagContract {
  func write(to out: inout JournalWriter) {
    out.raw("{\"owner\":")
    out.optional(owner)
    out.raw(",\"purpose\":")
    out.optional(purpose)
    out.raw(",\"expires\":")
    out.optional(expires) { $0.time($1) }
    out.raw(",\"endState\":")
    out.optional(endState)
    out.raw(",\"services\":")
    out.list(services) { $0.string($1) }
    out.raw(",\"rollout\":")
    out.optional(rollout) { $0.integer($1.number) }
    out.raw(",\"approvals\":")
    out.list(approvals) { $1.write(to: &$0) }
    out.raw("}")
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    self.init()
    try input.expect("{\"owner\":")
    owner = try input.optional()
    try input.expect(",\"purpose\":")
    purpose = try input.optional()
    try input.expect(",\"expires\":")
    expires = try input.optional { input throws(DamagedEntry) in try input.time() }
    try input.expect(",\"endState\":")
    endState = try input.optional()
    try input.expect(",\"services\":")
    services = try input.list { input throws(DamagedEntry) in try input.string() }
    try input.expect(",\"rollout\":")
    rollout = try input.optional { input throws(DamagedEntry) in RunID(try input.integer()) }
    try input.expect(",\"approvals\":")
    approvals = try input.list { input throws(DamagedEntry) in try Approval(from: &input) }
    try input.expect("}")
  }
}

extension FlagContract.Approval {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw("[")
    out.string(by.description)
    out.raw(",")
    out.time(at)
    out.raw(",")
    out.string(proposal)
    out.raw("]")
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let by = try input.principal()
    try input.expect(",")
    let at = try input.time()
    try input.expect(",")
    self.init(by: by, at: at, proposal: try input.string())
    try input.expect("]")
  }
}

extension JournalReader {
  mutating func principal() throws(DamagedEntry) -> Principal {
    guard let principal = Principal(try string()) else { throw damaged }
    return principal
  }
}
