import PipelineModel

// Each type's two directions stand side by side: `write` and `read` mirror each other line by line.

extension Entry {
  /// Appends the canonical encoding, the bytes that the hash chain is over.
  package func write(to out: inout JournalWriter) {
    out.raw("{\"seq\":")
    out.integer(sequence)
    out.raw(",\"time\":")
    out.time(time)
    if let run {
      out.raw(",\"run\":")
      out.integer(run.number)
      out.raw(",\"prev\":")
      out.integer(previous)
    }
    out.raw(",\"actor\":")
    actor.write(to: &out)
    out.raw(",\"origin\":")
    out.string(origin)
    if let reason {
      out.raw(",\"reason\":")
      out.string(reason)
    }
    out.raw(",\"fact\":")
    fact.write(to: &out)
    if !decisions.isEmpty {
      out.raw(",\"decided\":")
      out.list(decisions) { $1.write(to: &$0) }
    }
    out.raw("}")
  }

  /// Reads one entry; every byte must belong to it.
  package init(canonical bytes: UnsafeBufferPointer<UInt8>) throws(DamagedEntry) {
    self = try JournalReader.read(bytes) { input throws(DamagedEntry) in try Entry(from: &input) }
  }

  package init(canonical bytes: [UInt8]) throws(DamagedEntry) {
    self = try bytes.withUnsafeBufferPointer { buffer throws(DamagedEntry) in try Entry(canonical: buffer) }
  }

  /// The canonical encoding.
  package var canonical: [UInt8] { JournalWriter.bytes { write(to: &$0) } }

  private init(from input: inout JournalReader) throws(DamagedEntry) {
    let header = try EntryHeader(from: &input)
    try input.expect(",\"actor\":")
    let actor = try Principal(from: &input)
    try input.expect(",\"origin\":")
    let origin = try input.string()
    let reason = input.take(",\"reason\":") ? try input.string() : nil
    try input.expect(",\"fact\":")
    let fact = try Fact(from: &input)
    var decisions: [Decision] = []
    if input.take(",\"decided\":") {
      decisions = try input.list { input throws(DamagedEntry) in try Decision(from: &input) }
      if decisions.isEmpty { throw input.damaged }
    }
    try input.expect("}")
    self.init(
      sequence: header.sequence, time: header.time, run: header.run, previous: header.previous, actor: actor,
      origin: origin, reason: reason, fact: fact, decisions: decisions)
  }
}

extension Principal {
  fileprivate func write(to out: inout JournalWriter) {
    // Most entries are the controller's own.
    if self == .controller { out.raw("\"controller:headgate\"") } else { out.string(description) }
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    if input.take("\"controller:headgate\"") {
      self = .controller
      return
    }
    guard let principal = Principal(try input.string()) else { throw input.damaged }
    self = principal
  }
}

extension Fact {
  /// As it stands in its entry.
  package var canonicalText: String { JournalWriter.text { write(to: &$0) } }
}

extension [Decision] {
  /// As they stand in their entry.
  package var canonicalText: String { JournalWriter.text { $0.list(self) { $1.write(to: &$0) } } }
}
