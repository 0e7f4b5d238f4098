package import PipelineModel

/// The commonest entry of all: a number measured for the controller, judged, and leading to nothing else.
package struct MeasuredEntry: Hashable, Sendable {
  package var header: EntryHeader
  package var effect: EffectID
  package var value: Double
}

/// Reads measurements to their very end, as strictly as `Entry(canonical:)` does, and makes nothing that would have to be
/// kept.
///
/// What was read before makes the next one quicker: it is most likely of the same minute, and judged in the same words.
package struct MeasurementReader: Sendable {
  private var minute = ReadMinute()
  /// Everything behind the number of the last one.
  private var ending: [UInt8] = []

  package init() {}

  /// `nil` for every other entry, and for bytes that are not canonical: those have to be read as an `Entry`.
  package mutating func read(_ bytes: UnsafeRawBufferPointer) -> MeasuredEntry? {
    bytes.withMemoryRebound(to: UInt8.self) { bytes in
      var input = JournalReader(bytes)
      return try? read(&input)
    }
  }

  private mutating func read(_ input: inout JournalReader) throws(DamagedEntry) -> MeasuredEntry {
    let header = try EntryHeader(from: &input, near: &minute)
    try input.expect(
      ",\"actor\":\"controller:headgate\",\"origin\":\"controller\",\"fact\":{\"kind\":\"measured\",\"effect\":")
    let effect = EffectID(Int(try input.integer()))
    try input.expect(",\"answer\":")
    // A text here is another answer, `"NaN"` among them.
    guard input.next != UInt8(ascii: "\"") else { throw input.damaged }
    let measurement = MeasuredEntry(header: header, effect: effect, value: try input.double())
    if input.takeRest(ending) { return measurement }
    let end = input.position
    try Self.passEnding(&input)
    ending = input.bytes(from: end)
    return measurement
  }

  private static func passEnding(_ input: inout JournalReader) throws(DamagedEntry) {
    try input.expect("}")
    if input.take(",\"decided\":[") {
      repeat { try passJudgement(&input) } while input.take(",")
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
