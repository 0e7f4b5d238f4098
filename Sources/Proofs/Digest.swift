import Crypto

/// What a text is known by where the text itself need not be: two texts of one digest are one text.
package enum Digest {
  /// SHA-256: `sha256:` and 64 hexadecimal digits.
  package static func text(of text: String) -> String {
    let digits = Array("0123456789abcdef".unicodeScalars)
    return SHA256.hash(data: Array(text.utf8)).reduce(into: "sha256:") { text, byte in
      text.unicodeScalars.append(digits[Int(byte >> 4)])
      text.unicodeScalars.append(digits[Int(byte & 15)])
    }
  }
}
