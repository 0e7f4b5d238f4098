import Analysis
import PipelineModel

// Of single values: look, looks without a word, number and estimate of each arm's values, what they say together, and
// where it is not the first, the look from which on the values are.
// Of a budget: what is left, what that allows, and what kind of change. Of a score: the sum, the judgement, groups with
// their scores, metrics with their labels.

extension SampleWeighing {
  /// `,7,0,[410,0.41],[8000,0.24],["bounds",1.2,1.9]`, `["evidence",…]` of quantiles, `null` while there is too little.
  func write(to out: inout JournalWriter) {
    out.number(look)
    out.number(skipped)
    for arm in [canary, control] {
      out.raw(",")
      out.list([arm.count, arm.estimate]) { $0.double($1) }
    }
    switch strength {
    case .evidence(let fail, let pass): out.pair(",[\"evidence\",", fail, pass)
    case .bounds(let atLeast, let below): out.pair(",[\"bounds\",", atLeast, below)
    case nil: out.raw(",null")
    }
    if since != 1 { out.number(since) }
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    let (look, skipped) = (try input.number(), try input.number())
    let (canary, control) = (try Arm(from: &input), try Arm(from: &input))
    self.init(look: look, skipped: skipped, canary: canary, control: control, strength: nil)
    strength = try SampleWeighing.Strength(from: &input)
    since = try input.laterLook()
  }
}

extension SampleWeighing.Strength {
  fileprivate init?(from input: inout JournalReader) throws(DamagedEntry) {
    if input.take(",null") { return nil }
    if input.take(",[\"evidence\",") {
      self = .evidence(fail: try input.double(), pass: try input.behindComma())
    } else {
      try input.expect(",[\"bounds\",")
      self = .bounds(atLeast: try input.double(), below: try input.behindComma())
    }
    try input.expect("]")
  }
}

extension SampleWeighing.Arm {
  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",[")
    let count = try input.double()
    self.init(count: count, estimate: try input.behindComma())
    try input.expect("]")
  }
}

extension BudgetLook {
  /// `,-0.2,"exhausted","feature"`
  func write(to out: inout JournalWriter) {
    out.raw(",")
    if let left { out.double(left) } else { out.raw("null") }
    out.raw(",")
    out.string(ruling.rawValue)
    out.raw(",")
    out.string(change.rawValue)
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",")
    let left: Double? = input.take("null") ? nil : try input.double()
    try input.expect(",")
    guard let ruling = BudgetPolicy.Ruling(rawValue: try input.string()) else { throw input.damaged }
    try input.expect(",")
    guard let change = ChangeKind(rawValue: try input.string()) else { throw input.damaged }
    self.init(left: left, ruling: ruling, change: change)
  }
}

extension ScoreReport {
  /// `,62.5,"fail",[["Errors",0],["Latency",100]],[[0,"High",false,1.8],[1,"Pass",false,null]]`
  func write(to out: inout JournalWriter) {
    out.raw(",")
    if let summary { out.double(summary) } else { out.raw("null") }
    out.raw(",")
    out.string(judgement.description)
    out.raw(",")
    out.list(groups) { out, group in
      out.raw("[")
      out.string(group.name)
      out.raw(",")
      out.double(group.score)
      out.raw("]")
    }
    out.raw(",")
    out.list(metrics) { $1.write(to: &$0) }
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",")
    let summary: Double? = input.take("null") ? nil : try input.double()
    let judgement = try Judgement(from: &input)
    try input.expect(",")
    let groups = try input.list { input throws(DamagedEntry) in try Group(from: &input) }
    try input.expect(",")
    let metrics = try input.list { input throws(DamagedEntry) in try Shown(from: &input) }
    self.init(summary: summary, judgement: judgement, groups: groups, metrics: metrics)
  }
}

extension ScoreReport.Group {
  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let name = try input.string()
    self.init(name: name, score: try input.behindComma())
    try input.expect("]")
  }
}

extension ScoreReport.Shown {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw("[")
    out.integer(Int64(metric))
    out.raw(",")
    out.string(label.rawValue)
    out.raw(",")
    out.bool(isCritical)
    out.raw(",")
    if let ratio { out.double(ratio) } else { out.raw("null") }
    out.raw("]")
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[")
    let metric = Int(try input.integer())
    try input.expect(",")
    guard let label = RankSumJudge.Label(rawValue: try input.string()) else { throw input.damaged }
    try input.expect(",")
    let isCritical = try input.bool()
    try input.expect(",")
    self.init(
      metric: metric, label: label, isCritical: isCritical, ratio: input.take("null") ? nil : try input.double())
    try input.expect("]")
  }
}

extension JournalWriter {
  fileprivate mutating func pair(_ name: StaticString, _ first: Double, _ second: Double) {
    raw(name)
    double(first)
    raw(",")
    double(second)
    raw("]")
  }
}

extension JournalReader {
  /// `,` and a number.
  fileprivate mutating func behindComma() throws(DamagedEntry) -> Double {
    try expect(",")
    return try double()
  }
}
