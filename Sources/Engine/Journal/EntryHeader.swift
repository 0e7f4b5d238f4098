package import PipelineModel

/// What stands at the beginning of an entry's canonical encoding, read without the rest.
package struct EntryHeader: Hashable, Sendable {
  package var sequence: Int64
  package var time: Timestamp
  package var run: RunID?
  /// 0 for the first entry of a run, and for entries of no run.
  package var previous: Int64

  package init(of entry: Entry) {
    (sequence, time, run, previous) = (entry.sequence, entry.time, entry.run, entry.previous)
  }

  /// `nil` when the bytes do not begin as an entry does.
  package init?(canonical bytes: UnsafeRawBufferPointer) {
    let header = bytes.withMemoryRebound(to: UInt8.self) { bytes in
      var input = JournalReader(bytes)
      return try? EntryHeader(from: &input)
    }
    guard let header else { return nil }
    self = header
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("{\"seq\":")
    sequence = try input.integer()
    try input.expect(",\"time\":")
    time = try input.time()
    previous = 0
    if input.take(",\"run\":") {
      run = RunID(try input.integer())
      try input.expect(",\"prev\":")
      previous = try input.integer()
    }
  }

  /// Reads the commonest entry of all, a measurement by the controller that was judged and led to nothing else, to its
  /// very end, and makes no values but the header.
  ///
  /// `nil` for every other entry, and for bytes that are not canonical: those have to be read as an `Entry`.
  package init?(measurement bytes: UnsafeRawBufferPointer) {
    let header = bytes.withMemoryRebound(to: UInt8.self) { bytes in
      var input = JournalReader(bytes)
      return try? EntryHeader(measurement: &input)
    }
    guard let header else { return nil }
    self = header
  }

  private init(measurement input: inout JournalReader) throws(DamagedEntry) {
    try self.init(from: &input)
    try input.expect(
      ",\"actor\":\"controller:headgate\",\"origin\":\"controller\",\"fact\":{\"kind\":\"measured\",\"effect\":")
    _ = try input.integer()
    try input.expect(",\"answer\":")
    // A text here is another answer, `"NaN"` among them.
    guard input.next != UInt8(ascii: "\"") else { throw input.damaged }
    _ = try input.double()
    try input.expect("}")
    if input.take(",\"decided\":[") {
      repeat { try Self.passJudgement(&input) } while input.take(",")
      try input.expect("]")
    }
    try input.expect("}")
    guard input.isAtEnd else { throw input.damaged }
  }

  private static func passJudgement(_ input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("[\"judged\",")
    _ = try GateSite(from: &input)
    _ = try input.number()
    _ = try Judgement(from: &input)
    try input.expect("]")
  }
}
