/// A file's text that is safe to hand on: bounded, valid UTF-8, printable, lines ended by `\n`.
struct SourceText {
  /// Without a byte-order mark; `\r\n` has become `\n`.
  let text: String
  /// The scalars of each line, its end excluded.
  private let lines: [[Unicode.Scalar]]

  /// Largest file that is read.
  static let byteLimit = 1 << 20

  /// Reports what makes the bytes unfit, with its place, and then returns `nil`.
  init?(_ bytes: [UInt8], reportingTo sink: DiagnosticSink) {
    guard bytes.count <= Self.byteLimit else {
      sink.error(
        "the file has \(bytes.count) bytes, more than the \(Self.byteLimit) that are read", at: .start,
        help: "split the pipeline, or move long commands into scripts")
      return nil
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      sink.error(
        "this is not UTF-8", at: Self.firstInvalid(in: bytes),
        help: "save the file as UTF-8; the byte at this place begins no valid character")
      return nil
    }
    var lines: [[Unicode.Scalar]] = [[]]
    var text = ""
    text.reserveCapacity(bytes.count)
    var scalars = decoded.unicodeScalars[...]
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    while let scalar = scalars.popFirst() {
      let place = Place(line: lines.count, column: lines[lines.count - 1].count + 1)
      if scalar == "\r", scalars.first == "\n" { continue }
      if let complaint = Self.complaint(about: scalar) {
        sink.error(complaint.message, at: place, help: complaint.help)
        return nil
      }
      text.unicodeScalars.append(scalar)
      if scalar == "\n" { lines.append([]) } else { lines[lines.count - 1].append(scalar) }
    }
    self.text = text
    self.lines = lines
  }

  /// `nil` beyond the end of a line, which is where its line break would be.
  func scalar(at place: Place) -> Unicode.Scalar? {
    let line = line(place.line)
    return line.indices.contains(place.column - 1) ? line[place.column - 1] : nil
  }

  /// Empty for a line there is not.
  func line(_ number: Int) -> [Unicode.Scalar] {
    lines.indices.contains(number - 1) ? lines[number - 1] : []
  }

  var lineCount: Int { lines.count }
}

extension SourceText {
  private static func complaint(about scalar: Unicode.Scalar) -> (message: String, help: String)? {
    switch scalar.value {
    case 0: ("a NUL byte", "this does not look like a text file; remove the byte")
    case 0x09, 0x0A, 0x20...0x7E: nil
    case 0x0D: ("a carriage return without a line feed", "end lines with LF or CRLF")
    case 0x2028, 0x2029, 0x85:
      ("the invisible line break \(name(scalar))", "remove it, or write it as an escape in double quotes")
    case 0xFEFF: ("a byte-order mark in the middle of the file", "remove it; it may only stand at the very start")
    case 0..<0x20, 0x7F..<0xA0, 0xFFFE, 0xFFFF:
      ("the control character \(name(scalar))", "remove it, or write it as an escape in double quotes")
    default: nil
    }
  }

  private static func name(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  private static func firstInvalid(in bytes: [UInt8]) -> Place {
    var place = Place.start
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    while case .valid(let encoded) = parser.parseScalar(from: &rest) {
      let scalar = Unicode.UTF8.decode(encoded)
      if scalar == "\u{FEFF}", place == .start { continue }
      place =
        scalar == "\n" ? Place(line: place.line + 1, column: 1) : Place(line: place.line, column: place.column + 1)
    }
    return place
  }
}
