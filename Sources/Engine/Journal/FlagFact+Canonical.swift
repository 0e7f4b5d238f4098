import PipelineModel

// Behind `{"kind":"`, up to the closing brace.

extension FlagFact {
  func write(to out: inout JournalWriter) {
    switch self {
    case .revised(let revision):
      out.raw("flagRevised\",\"revision\":")
      revision.write(to: &out)
    case .proposal(let proposal):
      out.raw("flagProposal\",\"proposal\":")
      proposal.write(to: &out)
    case .refused(let act, let because):
      out.raw("flagRefused\",\"act\":")
      act.write(to: &out)
      out.raw(",\"because\":")
      out.string(because)
    case .stepRefused(let name, let step, let because):
      out.raw("flagStepRefused\",\"flag\":")
      name.write(to: &out)
      out.raw(",\"step\":")
      step.write(to: &out)
      out.raw(",\"because\":")
      out.string(because)
    }
  }

  /// `nil`, and nothing is taken, when another kind of fact comes.
  static func read(from input: inout JournalReader) throws(DamagedEntry) -> FlagFact? {
    if input.take("flagRevised\",\"revision\":") { return .revised(try FlagRevision(from: &input)) }
    if input.take("flagProposal\",\"proposal\":") { return .proposal(try FlagProposal(from: &input)) }
    if input.take("flagRefused\",\"act\":") {
      let act = try FlagAct(from: &input)
      try input.expect(",\"because\":")
      return .refused(act, because: try input.string())
    }
    guard input.take("flagStepRefused\",\"flag\":") else { return nil }
    let name = try FlagName(from: &input)
    try input.expect(",\"step\":")
    let step = try FlagStep(from: &input)
    try input.expect(",\"because\":")
    return .stepRefused(name, step, because: try input.string())
  }
}
