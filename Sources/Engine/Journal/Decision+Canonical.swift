import Analysis
import PipelineModel

// Decisions are small arrays that begin with their name: `["judged","move",0,"pass"]`.

extension Decision {
  func write(to out: inout JournalWriter) {
    out.raw("[\"")
    switch self {
    case .judged(let site, let metric, let judgement):
      out.raw("judged\",")
      site.write(to: &out)
      out.number(metric)
      out.raw(",\"")
      out.bytes.append(contentsOf: judgement.description.utf8)
      out.raw("\"")
    case .weighed(let site, let metric, let weighing):
      out.raw("weighed\",")
      site.write(to: &out)
      out.number(metric)
      weighing.write(to: &out)
    case .sampled(let site, let metric, let weighing):
      out.raw("sampled\",")
      site.write(to: &out)
      out.number(metric)
      weighing.write(to: &out)
    case .budgeted(let site, let metric, let look):
      out.raw("budgeted\",")
      site.write(to: &out)
      out.number(metric)
      look.write(to: &out)
    case .scored(let site, let report):
      out.raw("scored\",")
      site.write(to: &out)
      report.write(to: &out)
    case .entered(let stage):
      out.raw("entered\"")
      out.number(stage)
    case .moved(let stage, let move):
      out.raw("moved\"")
      out.number(stage)
      out.number(move)
    case .skipped(let stage, let move):
      out.raw("skipped\"")
      out.number(stage)
      out.number(move)
    case .concluded(let site, let verdict, let reports):
      out.raw("concluded\",")
      site.write(to: &out)
      verdict.write(to: &out)
      out.raw(",")
      out.list(reports) { $1.write(to: &$0) }
    case .awaitsEvidence(let site, let verdict):
      out.raw("awaitsEvidence\",")
      site.write(to: &out)
      verdict.write(to: &out)
    case .held(let cause):
      out.raw("held\",")
      cause.write(to: &out)
    case .overrode(let site, let verdict):
      out.raw("overrode\",")
      site.write(to: &out)
      verdict.write(to: &out)
    case .approved(let have, let needed):
      out.raw("approved\"")
      out.number(have)
      out.number(needed)
    case .passed(let stage):
      out.raw("passed\"")
      out.number(stage)
    case .retrying(let effect, let attempt, let instant):
      out.raw("retrying\"")
      out.number(effect.number)
      out.number(attempt)
      out.raw(",")
      out.time(instant)
    case .reasserted(let route, let weight):
      out.raw("reasserted\"")
      out.number(route)
      out.number(weight.basisPoints)
    case .restored(let route, let extra):
      out.raw("restored\"")
      out.number(route)
      out.raw(",")
      out.string(extra.rawValue)
    case .stageFailed(let stage, let cause):
      out.raw("stageFailed\"")
      out.number(stage)
      out.raw(",")
      cause.write(to: &out)
    case .switchesOff(let stage, let cause):
      out.raw("switchesOff\"")
      out.number(stage)
      out.raw(",")
      cause.write(to: &out)
    case .beganAnew:
      out.raw("beganAnew\"")
    case .rollbackBegan(let cause):
      out.raw("rollbackBegan\",")
      cause.write(to: &out)
    case .escalated(let effect, let attempt):
      out.raw("escalated\"")
      out.number(effect.number)
      out.number(attempt)
    case .abandoned(let effect):
      out.raw("abandoned\"")
      out.number(effect.number)
    case .released:
      out.raw("released\"")
    case .ended(let outcome):
      out.raw("ended\",")
      out.string(outcome.rawValue)
    case .recorded(let record):
      out.raw("recorded\",")
      record.write(to: &out)
    case .ignored:
      out.raw("ignored\"")
    }
    out.raw("]")
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[\"")
    if input.take("judged\",") {
      self = .judged(try GateSite(from: &input), metric: try input.number(), try Judgement(from: &input))
    } else if input.take("weighed\",") {
      self = .weighed(try GateSite(from: &input), metric: try input.number(), try Weighing(from: &input))
    } else if input.take("entered\"") {
      self = .entered(stage: try input.number())
    } else if input.take("moved\"") {
      self = .moved(stage: try input.number(), move: try input.number())
    } else if input.take("concluded\",") {
      let site = try GateSite(from: &input)
      let verdict = try Verdict(from: &input)
      try input.expect(",")
      self = .concluded(site, verdict, try input.list { input throws(DamagedEntry) in try MetricReport(from: &input) })
    } else if input.take("passed\"") {
      self = .passed(stage: try input.number())
    } else {
      self = try Self.rarer(from: &input)
    }
    try input.expect("]")
  }

  private static func rarer(from input: inout JournalReader) throws(DamagedEntry) -> Decision {
    if input.take("sampled\",") {
      return .sampled(try GateSite(from: &input), metric: try input.number(), try SampleWeighing(from: &input))
    }
    if input.take("budgeted\",") {
      return .budgeted(try GateSite(from: &input), metric: try input.number(), try BudgetLook(from: &input))
    }
    if input.take("scored\",") { return .scored(try GateSite(from: &input), try ScoreReport(from: &input)) }
    if input.take("restored\"") {
      let route = try input.number()
      try input.expect(",")
      guard let extra = Extra(rawValue: try input.string()) else { throw input.damaged }
      return .restored(route: route, extra)
    }
    if input.take("awaitsEvidence\",") { return .awaitsEvidence(try GateSite(from: &input), try Verdict(from: &input)) }
    if input.take("held\",") { return .held(try Cause(from: &input)) }
    if input.take("overrode\",") { return .overrode(try GateSite(from: &input), try Verdict(from: &input)) }
    if input.take("approved\"") { return .approved(have: try input.number(), of: try input.number()) }
    if input.take("retrying\"") {
      let effect = EffectID(try input.number())
      let attempt = try input.number()
      try input.expect(",")
      return .retrying(effect, attempt: attempt, at: try input.time())
    }
    if input.take("reasserted\"") {
      return .reasserted(route: try input.number(), Weight(basisPoints: try input.number()))
    }
    if input.take("stageFailed\"") {
      let stage = try input.number()
      try input.expect(",")
      return .stageFailed(stage: stage, try Cause(from: &input))
    }
    if input.take("switchesOff\"") {
      let stage = try input.number()
      try input.expect(",")
      return .switchesOff(stage: stage, try Cause(from: &input))
    }
    if input.take("beganAnew\"") { return .beganAnew }
    if input.take("rollbackBegan\",") { return .rollbackBegan(try Cause(from: &input)) }
    if input.take("escalated\"") { return .escalated(EffectID(try input.number()), attempt: try input.number()) }
    if input.take("skipped\"") { return .skipped(stage: try input.number(), move: try input.number()) }
    if input.take("recorded\",") { return .recorded(try TargetRecord(from: &input)) }
    if input.take("released\"") { return .released }
    if input.take("abandoned\"") { return .abandoned(EffectID(try input.number())) }
    if input.take("ended\",") {
      guard let outcome = Outcome(rawValue: try input.string()) else { throw input.damaged }
      return .ended(outcome)
    }
    try input.expect("ignored\"")
    return .ignored
  }
}

extension MetricReport {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw("[")
    out.integer(Int64(metric))
    verdict.write(to: &out)
    for count in [passes, failures, inconclusive, noData, errors] { out.number(count) }
    out.raw(",")
    if let last { out.double(last) } else { out.raw("null") }
    out.raw("]")
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let metric = Int(try input.integer())
    let verdict = try Verdict(from: &input)
    self.init(
      metric: metric, verdict: verdict, passes: try input.number(), failures: try input.number(),
      inconclusive: try input.number(), noData: try input.number(), errors: try input.number())
    try input.expect(",")
    if !input.take("null") { last = try input.double() }
    try input.expect("]")
  }
}

extension JournalWriter {
  /// `,` and an integer.
  mutating func number(_ value: Int) {
    raw(",")
    integer(Int64(value))
  }
}

extension JournalReader {
  /// `,` and an integer.
  mutating func number() throws(DamagedEntry) -> Int {
    try expect(",")
    return Int(try integer())
  }
}
