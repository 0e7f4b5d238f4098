import PipelineModel

/// Answers nest no deeper than this in the journal: what is deeper is written as `null`.
private let deepest = 512

extension Answer {
  func write(to out: inout JournalWriter, depth: Int = 0) {
    guard depth <= deepest else { return out.raw("null") }
    switch self {
    case .number(let value) where value.isFinite: out.double(value)
    case .number(let value):
      out.raw("{\"number\":")
      out.double(value)
      out.raw("}")
    case .list(let items): out.list(items) { $1.write(to: &$0, depth: depth + 1) }
    case .null: out.raw("null")
    case .bool(let value): out.bool(value)
    case .text(let text): out.string(text)
    case .object(let members):
      out.raw("{\"object\":")
      out.list(members) { out, member in
        out.raw("[")
        out.string(member.name)
        out.raw(",")
        member.value.write(to: &out, depth: depth + 1)
        out.raw("]")
      }
      out.raw("}")
    }
  }

  init(from input: inout JournalReader, depth: Int) throws(DamagedEntry) {
    if input.take("null") {
      self = .null
      return
    }
    guard depth <= deepest else { throw input.damaged }
    if input.take("true") { self = .bool(true); return }
    if input.take("false") { self = .bool(false); return }
    if input.take("{\"number\":") {
      let value = try input.double()
      guard !value.isFinite else { throw input.damaged }
      self = .number(value)
      try input.expect("}")
      return
    }
    if input.take("{\"object\":") {
      self = .object(try input.list { input throws(DamagedEntry) in try Member(from: &input, depth: depth + 1) })
      try input.expect("}")
      return
    }
    switch input.next {
    case UInt8(ascii: "["):
      self = .list(try input.list { input throws(DamagedEntry) in try Answer(from: &input, depth: depth + 1) })
    case UInt8(ascii: "\""): self = .text(try input.string())
    default: self = .number(try input.double())
    }
  }
}

extension Answer.Member {
  fileprivate init(from input: inout JournalReader, depth: Int) throws(DamagedEntry) {
    try input.expect("[")
    let name = try input.string()
    try input.expect(",")
    self.init(name: name, value: try Answer(from: &input, depth: depth))
    try input.expect("]")
  }
}

extension Failure {
  func write(to out: inout JournalWriter) {
    out.raw(",\"failure\":")
    out.string(kind.rawValue)
    out.raw(",\"message\":")
    out.string(message)
  }

  /// With how long the backend asked to be left alone, where it did.
  func writeWhole(to out: inout JournalWriter) {
    write(to: &out)
    guard let retryAfter else { return }
    out.raw(",\"retryAfter\":")
    out.integer(retryAfter.milliseconds)
  }

  init(whole input: inout JournalReader) throws(DamagedEntry) {
    try self.init(from: &input)
    guard input.take(",\"retryAfter\":") else { return }
    let pause = Interval(milliseconds: try input.integer())
    guard (Interval.zero...Self.longestPause).contains(pause) else { throw input.damaged }
    retryAfter = pause
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"failure\":")
    guard let kind = Kind(rawValue: try input.string()) else { throw input.damaged }
    try input.expect(",\"message\":")
    self.init(kind, try input.string())
  }
}
