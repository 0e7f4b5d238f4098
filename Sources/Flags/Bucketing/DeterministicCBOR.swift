/// Core deterministic encoding, RFC 8949 §4.2.1, with whole numbers as integers: `1.0` and `1` are the same key.
package struct DeterministicCBOR<Sink: ByteSink> {
  package var sink: Sink

  package init(into sink: Sink) { self.sink = sink }

  private enum Major: UInt8 {
    case unsigned = 0
    case negative = 1
    case text = 3
    case array = 4
    case map = 5
  }

  package mutating func add(_ value: JSONValue) {
    switch value {
    case .null: sink.add(0xf6)
    case .bool(let bool): sink.add(bool ? 0xf5 : 0xf4)
    case .number(let number): add(number.value)
    case .text(let text): add(text)
    case .list(let items):
      beginArray(of: items.count)
      for item in items { add(item) }
    case .object(let object): add(object)
    }
  }

  package mutating func add(_ text: String) {
    head(.text, UInt64(text.utf8.count))
    sink.add(text)
  }

  package mutating func beginArray(of count: Int) { head(.array, UInt64(count)) }

  /// Members in the order of their encoded names: since the length comes first, shorter names do.
  private mutating func add(_ object: JSONObject) {
    head(.map, UInt64(object.members.count))
    let sorted = object.members.sorted { a, b in
      let (lengthA, lengthB) = (a.name.text.utf8.count, b.name.text.utf8.count)
      return lengthA == lengthB ? a.name.text.standsBefore(b.name.text) : lengthA < lengthB
    }
    for member in sorted {
      add(member.name.text)
      add(member.value)
    }
  }

  /// Whole numbers that 64 bits hold are integers; all others the shortest float that holds them exactly.
  private mutating func add(_ number: Double) {
    if let whole = UInt64(exactly: number) {
      head(.unsigned, whole)
    } else if let whole = Int64(exactly: number) {
      head(.negative, UInt64(-1 - whole))
    } else if let half = Half(number) {
      bigEndian(0xf9, UInt64(half.bits), bytes: 2)
    } else if Double(Float(number)) == number {
      bigEndian(0xfa, UInt64(Float(number).bitPattern), bytes: 4)
    } else {
      bigEndian(0xfb, number.bitPattern, bytes: 8)
    }
  }

  private mutating func head(_ major: Major, _ argument: UInt64) {
    let kind = major.rawValue << 5
    switch argument {
    case ..<24: sink.add(kind | UInt8(argument))
    case ...0xff: bigEndian(kind | 24, argument, bytes: 1)
    case ...0xffff: bigEndian(kind | 25, argument, bytes: 2)
    case ...0xffff_ffff: bigEndian(kind | 26, argument, bytes: 4)
    default: bigEndian(kind | 27, argument, bytes: 8)
    }
  }

  private mutating func bigEndian(_ first: UInt8, _ number: UInt64, bytes: UInt64) {
    sink.add(first)
    for index in (0..<bytes).reversed() { sink.add(UInt8(truncatingIfNeeded: number >> (index * 8))) }
  }
}

/// IEEE 754 binary16, which not every platform's Swift has as a type.
private struct Half {
  var bits: UInt16

  /// `nil` for what the sixteen bits do not hold exactly.
  init?(_ number: Double) {
    let sign: UInt16 = number.sign == .minus ? 0x8000 : 0
    let magnitude = number.magnitude
    guard magnitude.isFinite, magnitude <= 65504 else { return nil }
    // Below 2^-14 the step is 2^-24; above it, the significand has ten bits.
    if magnitude < 0x1p-14 {
      guard let steps = UInt16(exactly: magnitude * 0x1p24) else { return nil }
      bits = sign | steps
    } else {
      guard let significand = UInt16(exactly: (magnitude.significand - 1) * 1024) else { return nil }
      bits = sign | UInt16(magnitude.exponent + 15) << 10 | significand
    }
  }
}
