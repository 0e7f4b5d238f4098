import Analysis
import PipelineModel

// Look, looks without a word, counts of both arms, ln of both e-values, bounds of the ratio, dispersion, whether the
// guard rail is broken, and the share of the traffic that was found where it is astray. Behind them, where it is so, that
// it passes since next to nothing was bad; and the look from which on the counts are, where it is not the first.

extension Weighing {
  /// `,7,0,[41,10210],[190,193400],6.2101,-3.1,1.6,"+Inf",1,false,null`
  func write(to out: inout JournalWriter) {
    out.number(look)
    out.number(skipped)
    for arm in [canary, control] {
      out.raw(",")
      out.list([arm.bad, arm.all]) { $0.double($1) }
    }
    for value in [logFail, logPass, atLeast, below, dispersion] {
      out.raw(",")
      out.double(value)
    }
    out.raw(",")
    out.bool(isBeyondLimit)
    out.raw(",")
    if let strayShare { out.double(strayShare) } else { out.raw("null") }
    if isNegligible { out.raw(",\"negligible\"") }
    if since != 1 { out.number(since) }
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    let (look, skipped) = (try input.number(), try input.number())
    let (canary, control) = (try ArmCounts(from: &input), try ArmCounts(from: &input))
    let (fail, pass) = (try input.decimal(), try input.decimal())
    let (atLeast, below, dispersion) = (try input.decimal(), try input.decimal(), try input.decimal())
    try input.expect(",")
    let isBeyond = input.take("true")
    if !isBeyond { try input.expect("false") }
    try input.expect(",")
    let stray: Double? = input.take("null") ? nil : try input.double()
    let isNegligible = input.take(",\"negligible\"")
    let since = try input.laterLook()
    self.init(
      look: look, skipped: skipped, canary: canary, control: control, logFail: fail, logPass: pass, atLeast: atLeast,
      below: below, dispersion: dispersion, since: since, isBeyondLimit: isBeyond, isNegligible: isNegligible,
      strayShare: stray)
  }
}

extension ArmCounts {
  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",[")
    let bad = try input.double()
    try input.expect(",")
    self.init(bad: bad, all: try input.double())
    try input.expect("]")
  }
}

extension JournalReader {
  /// `,` and the number of a look that is not the first, which goes without saying.
  mutating func laterLook() throws(DamagedEntry) -> Int {
    guard next == UInt8(ascii: ",") else { return 1 }
    let look = try number()
    if look == 1 { throw damaged }
    return look
  }

  /// `,` and a number.
  fileprivate mutating func decimal() throws(DamagedEntry) -> Double {
    try expect(",")
    return try double()
  }
}
