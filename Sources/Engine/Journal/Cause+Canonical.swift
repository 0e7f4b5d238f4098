import PipelineModel

extension Cause {
  func write(to out: inout JournalWriter) {
    out.raw("[\"")
    switch self {
    case .gate(let site, let verdict):
      out.raw("gate\",")
      site.write(to: &out)
      verdict.write(to: &out)
    case .stageDeadline: out.raw("stageDeadline\"")
    case .runDeadline: out.raw("runDeadline\"")
    case .effect(let effect, let failure):
      out.raw("effect\"")
      out.number(effect.number)
      out.raw(",")
      out.string(failure.kind.rawValue)
      out.raw(",")
      out.string(failure.message)
    case .check(let effect, let status):
      out.raw("check\"")
      out.number(effect.number)
      out.number(status)
    case .step(let effect, let end):
      out.raw("step\"")
      out.number(effect.number)
      out.raw(",")
      out.string(end.rawValue)
    case .rejected: out.raw("rejected\"")
    case .expired: out.raw("expired\"")
    case .aborted: out.raw("aborted\"")
    case .asked: out.raw("asked\"")
    case .superseded(let run):
      out.raw("superseded\"")
      out.number(Int(run.number))
    case .split(let wanted, let found):
      out.raw("split\"")
      out.number(wanted.basisPoints)
      out.number(found.basisPoints)
    case .overruled(let found, let because):
      out.raw("overruled\",")
      if let found { out.integer(Int64(found.basisPoints)) } else { out.raw("null") }
      out.raw(",")
      out.string(because)
    }
    out.raw("]")
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[\"")
    self = try Self.named(from: &input)
    try input.expect("]")
  }

  private static func named(from input: inout JournalReader) throws(DamagedEntry) -> Cause {
    if input.take("gate\",") { return .gate(try GateSite(from: &input), try Verdict(from: &input)) }
    if input.take("stageDeadline\"") { return .stageDeadline }
    if input.take("runDeadline\"") { return .runDeadline }
    if input.take("effect\"") {
      let effect = EffectID(try input.number())
      try input.expect(",")
      guard let kind = Failure.Kind(rawValue: try input.string()) else { throw input.damaged }
      try input.expect(",")
      return .effect(effect, Failure(kind, try input.string()))
    }
    if input.take("check\"") { return .check(EffectID(try input.number()), status: try input.number()) }
    if input.take("step\"") {
      let effect = EffectID(try input.number())
      try input.expect(",")
      guard let end = StepEnd(rawValue: try input.string()) else { throw input.damaged }
      return .step(effect, end)
    }
    if input.take("rejected\"") { return .rejected }
    if input.take("expired\"") { return .expired }
    if input.take("aborted\"") { return .aborted }
    if input.take("asked\"") { return .asked }
    if input.take("split\"") {
      return .split(
        wanted: Weight(basisPoints: try input.number()), found: Weight(basisPoints: try input.number()))
    }
    if input.take("overruled\",") {
      let found = input.take("null") ? nil : Weight(basisPoints: Int(try input.integer()))
      try input.expect(",")
      return .overruled(found: found, because: try input.string())
    }
    try input.expect("superseded\"")
    return .superseded(by: RunID(Int64(try input.number())))
  }
}

extension GateSite {
  func write(to out: inout JournalWriter) {
    switch self {
    case .move: out.raw("\"move\"")
    case .background: out.raw("\"background\"")
    }
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    if input.take("\"move\"") { self = .move; return }
    try input.expect("\"background\"")
    self = .background
  }
}

extension Verdict {
  /// `,` and the name.
  func write(to out: inout JournalWriter) {
    out.raw(",\"")
    out.bytes.append(contentsOf: description.utf8)
    out.raw("\"")
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"")
    for verdict in Self.allCases where input.take(verdict.literal) {
      self = verdict
      return
    }
    throw input.damaged
  }

  private var literal: StaticString {
    switch self {
    case .pass: "pass\""
    case .fail: "fail\""
    case .inconclusive: "inconclusive\""
    case .noData: "noData\""
    case .error: "error\""
    case .stopped: "stopped\""
    }
  }
}

extension Judgement {
  init(from input: inout JournalReader) throws(DamagedEntry) {
    guard let judgement = Judgement(try Verdict(from: &input)) else { throw input.damaged }
    self = judgement
  }

  private init?(_ verdict: Verdict) {
    switch verdict {
    case .pass: self = .pass
    case .fail: self = .fail
    case .inconclusive: self = .inconclusive
    case .noData: self = .noData
    case .error: self = .error
    case .stopped: return nil
    }
  }
}
