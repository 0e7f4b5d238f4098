extension String {
  /// The secret as it stands, and as others may have written it: in a URL, or in JSON, with or without what may be
  /// escaped there. Whoever blots it out of a message looks for all of them.
  var formsOfASecret: Set<String> {
    var forms: Set = [self, percentEscaped]
    for slash in [false, true] {
      for hexadecimal in [nil, false, true] { forms.insert(inJSON(escapingSlashes: slash, hexadecimal)) }
    }
    return forms
  }

  /// - Parameter inUpperCase: of the digits of what is beyond ASCII; `nil`: that stands as it is.
  private func inJSON(escapingSlashes: Bool, _ inUpperCase: Bool?) -> String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case "/" where escapingSlashes: text += "\\/"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || (!scalar.isASCII && inUpperCase != nil):
        for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
          let digits = String(unit, radix: 16, uppercase: inUpperCase ?? false)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

extension StringProtocol {
  /// With every byte escaped that is not unreserved by RFC 3986.
  package var percentEscaped: String {
    var escaped = ""
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        escaped += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
      }
    }
    return escaped
  }
}
