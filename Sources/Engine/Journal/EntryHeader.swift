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
    var unknown = ReadMinute()
    try self.init(from: &input, near: &unknown)
  }

  @inline(__always)
  init(from input: inout JournalReader, near minute: inout ReadMinute) throws(DamagedEntry) {
    try input.expect("{\"seq\":")
    sequence = try input.integer()
    try input.expect(",\"time\":")
    time = try input.time(near: &minute)
    previous = 0
    if input.take(",\"run\":") {
      run = RunID(try input.integer())
      try input.expect(",\"prev\":")
      previous = try input.integer()
    }
  }
}
