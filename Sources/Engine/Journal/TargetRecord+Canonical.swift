import PipelineModel

// `["search","production",[["v1",4]],["v3"],[["edge","search","blue"]]]`, and objectives with a spent budget behind it
// where there are any.

extension TargetRecord {
  func write(to out: inout JournalWriter) {
    out.raw("[")
    out.string(target.service)
    out.raw(",")
    out.string(target.environment)
    out.raw(",")
    out.list(stable) { $1.write(to: &$0) }
    out.raw(",")
    out.list(reverted) { $0.string($1) }
    out.raw(",")
    out.list(live) { $1.write(to: &$0) }
    if !spent.isEmpty {
      out.raw(",")
      out.list(spent) { $0.string($1) }
    }
    out.raw("]")
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let service = try input.string()
    try input.expect(",")
    self.init(target: Target(service: service, environment: try input.string()))
    try input.expect(",")
    stable = try input.list { input throws(DamagedEntry) in try Promoted(from: &input) }
    try input.expect(",")
    reverted = try input.list { input throws(DamagedEntry) in try input.string() }
    try input.expect(",")
    live = try input.list { input throws(DamagedEntry) in try LiveSlot(from: &input) }
    if input.take(",") { spent = try input.listOfSome { input throws(DamagedEntry) in try input.string() } }
    try input.expect("]")
  }
}

extension TargetRecord.Promoted {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw("[")
    out.string(version)
    out.raw(",")
    out.integer(run.number)
    out.raw("]")
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let version = try input.string()
    try input.expect(",")
    self.init(version: version, run: RunID(try input.integer()))
    try input.expect("]")
  }
}

extension TargetRecord.LiveSlot {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw("[")
    out.string(route.router)
    out.raw(",")
    out.string(route.route)
    out.raw(",")
    slot.write(to: &out)
    out.raw("]")
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let router = try input.string()
    try input.expect(",")
    let route = RouteName(router: router, route: try input.string())
    try input.expect(",")
    self.init(route: route, slot: try Slot(from: &input))
    try input.expect("]")
  }
}
