import Foundation

/// A text and who signed it, as C2SP's signed-note has it: the text, an empty line, and a line for each signature.
package struct SignedNote: Hashable, Sendable {
  /// With the line break at its end: exactly what is signed.
  package var text: String
  package var signatures: [Signature]

  package struct Signature: Hashable, Sendable {
    /// Of the key; without blanks and `+`.
    package var name: String
    /// The first four bytes of a hash of the key: which key of that name it is.
    package var hint: [UInt8]
    package var bytes: [UInt8]
  }

  package init(text: String, signatures: [Signature] = []) {
    self.text = text
    self.signatures = signatures
  }

  private static let longest = 1 << 16
  private static let dash = "\u{2014} "

  /// Reads one note, which must be all there is.
  package init(_ written: String) throws(NoteMistake) {
    guard written.utf8.count <= Self.longest else { throw NoteMistake("it is longer than any note may be") }
    guard !written.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" }) else {
      throw NoteMistake("it has a character that no note may have")
    }
    // Scalars, not characters: a combining mark must not hide a line break.
    let scalars = written.unicodeScalars
    guard let gap = Self.lastGap(in: scalars) else {
      throw NoteMistake("an empty line before the signatures is missing")
    }
    let lines = String(scalars[scalars.index(gap, offsetBy: 2)...])
    guard lines.unicodeScalars.last == "\n" else { throw NoteMistake("its last line has no end") }
    text = String(scalars[...gap])
    signatures = try lines.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map {
      line throws(NoteMistake) in try Signature(line: String(line))
    }
  }

  /// Where the first of the last two line breaks in a row stands.
  private static func lastGap(in scalars: String.UnicodeScalarView) -> String.UnicodeScalarView.Index? {
    var at = scalars.endIndex
    while at > scalars.startIndex {
      at = scalars.index(before: at)
      let next = scalars.index(after: at)
      if scalars[at] == "\n", next < scalars.endIndex, scalars[next] == "\n" { return at }
    }
    return nil
  }
}

extension SignedNote: CustomStringConvertible {
  /// As it is written.
  package var description: String {
    text + "\n" + signatures.map { "\(Self.dash)\($0.name) \($0.base64)\n" }.joined()
  }
}

extension SignedNote.Signature {
  fileprivate init(line: String) throws(NoteMistake) {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == "\u{2014}", !words[1].isEmpty, !words[1].contains("+") else {
      throw NoteMistake("a line of a signature is not \u{201C}\u{2014} name base64\u{201D}")
    }
    guard let data = Data(base64Encoded: String(words[2])), data.count > 4, data.base64EncodedString() == words[2]
    else {
      throw NoteMistake("a signature is not base 64 of a key's hint and some bytes")
    }
    self.init(name: String(words[1]), hint: Array(data.prefix(4)), bytes: Array(data.dropFirst(4)))
  }

  fileprivate var base64: String { Data(hint + bytes).base64EncodedString() }
}

/// Why a text is no note, no key or no checkpoint.
package struct NoteMistake: Error, Hashable, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
}
