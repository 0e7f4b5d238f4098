extension JSONParser {
  private mutating func digits() -> Int {
    let start = place
    while let byte = next, 0x30...0x39 ~= byte { place += 1 }
    return place - start
  }

  mutating func number() throws(JSONRefusal) -> JSONNumber {
    let start = place
    _ = take("-")
    let first = next
    let whole = digits()
    guard whole > 0 else {
      place = start
      throw wanted("a value")
    }
    guard whole == 1 || first != 0x30 else { throw refusal("a number does not begin with 0; take it away", at: start) }
    if take("."), digits() == 0 { throw wanted("a digit") }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      place += 1
      if !take("+") { _ = take("-") }
      if digits() == 0 { throw wanted("a digit") }
    }
    let written = String(decoding: bytes[start..<place], as: UTF8.self)
    guard let value = Double(written), value.isFinite else {
      throw refusal("this number is beyond what a double holds", at: start)
    }
    return JSONNumber(value, authored: written)
  }

  mutating func text() throws(JSONRefusal) -> String {
    place += 1
    let start = place
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { place += 1 }
    if next == UInt8(ascii: "\"") {
      defer { place += 1 }
      return try valid(bytes[start..<place], from: start)
    }
    return try escapedText(from: start)
  }

  private func valid(_ bytes: ArraySlice<UInt8>, from start: Int) throws(JSONRefusal) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw refusal("this text is not UTF-8", at: start)
    }
    return text
  }

  private mutating func escapedText(from start: Int) throws(JSONRefusal) -> String {
    var unescaped = Array(bytes[start..<place])
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        place += 1
        return try valid(unescaped[...], from: start)
      case UInt8(ascii: "\\"):
        try escape(into: &unescaped)
      case ..<0x20:
        throw refusal("a control character stands in a text; write it as an escape")
      default:
        unescaped.append(byte)
        place += 1
      }
    }
    throw refusal("the text ends inside a string; close it with a double quote")
  }

  private mutating func escape(into out: inout [UInt8]) throws(JSONRefusal) {
    let start = place
    place += 1
    guard let byte = next else { throw wanted("the rest of an escape") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0c)
    case UInt8(ascii: "n"): out.append(0x0a)
    case UInt8(ascii: "r"): out.append(0x0d)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "u"): out.append(contentsOf: try scalar(from: start).utf8)
    default: throw refusal("there is no such escape", at: start)
    }
  }

  private mutating func scalar(from start: Int) throws(JSONRefusal) -> String {
    var units = [try unit(start)]
    if UTF16.isLeadSurrogate(units[0]), take("\\"), take("u") { units.append(try unit(start)) }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw refusal("half of a surrogate pair; write both halves or the character itself", at: start)
    }
    return text
  }

  private mutating func unit(_ start: Int) throws(JSONRefusal) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw refusal("four hexadecimal digits are wanted behind `\\u`", at: start)
      }
      unit = unit << 4 | UInt16(digit)
      place += 1
    }
    return unit
  }
}
