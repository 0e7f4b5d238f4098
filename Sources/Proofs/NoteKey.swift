import Crypto
import Foundation

/// What a signature of a note is checked with: a name and an Ed25519 public key, `name+hint+base64` in words.
package struct NoteVerifier: Hashable, Sendable, CustomStringConvertible {
  package let name: String
  package let hint: [UInt8]
  private let key: [UInt8]

  package init(_ written: String) throws(NoteMistake) {
    let parts = written.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3 else { throw NoteMistake("a public key is written as name+hint+base64") }
    let key = try ed25519(parts[2])
    let verifier = try NoteVerifier(name: parts[0], key: key)
    guard verifier.hint.hex == parts[1] else {
      throw NoteMistake("the public key does not belong to its name and hint")
    }
    self = verifier
  }

  fileprivate init(name: String, key: [UInt8]) throws(NoteMistake) {
    guard isKeyName(name) else {
      throw NoteMistake("the name of a key must not be empty, nor have blanks, line breaks or `+` in it")
    }
    guard key.count == 32, (try? Curve25519.Signing.PublicKey(rawRepresentation: key)) != nil else {
      throw NoteMistake("an Ed25519 key has 32 bytes")
    }
    self.name = name
    self.key = key
    hint = Array(SHA256.hash(data: Array(name.utf8) + [0x0A, algorithm] + key).prefix(4))
  }

  package var description: String { "\(name)+\(hint.hex)+\(Data([algorithm] + key).base64EncodedString())" }

  /// Whether the note has a signature of this key, and it is right.
  package func verifies(_ note: SignedNote) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else { return false }
    // By bytes: letters that look the same in two encodings are two names.
    let own = note.signatures.filter { $0.hint == hint && $0.name.utf8.elementsEqual(name.utf8) }
    return !own.isEmpty && own.allSatisfy { key.isValidSignature($0.bytes, for: Array(note.text.utf8)) }
  }
}

/// What signs notes: a name and an Ed25519 private key, `PRIVATE+KEY+name+hint+base64` in words. Its description shows
/// the public part only.
package struct NoteSigner: Sendable, CustomStringConvertible {
  package let verifier: NoteVerifier
  private let key: Curve25519.Signing.PrivateKey

  /// A new key, by the system's source of chance.
  package init(name: String) throws(NoteMistake) { try self.init(name: name, Curve25519.Signing.PrivateKey()) }

  private init(name: String, _ key: Curve25519.Signing.PrivateKey) throws(NoteMistake) {
    self.key = key
    verifier = try NoteVerifier(name: name, key: Array(key.publicKey.rawRepresentation))
  }

  /// Never says what was written: it may be the key.
  package init(_ written: String) throws(NoteMistake) {
    let parts = written.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY" else {
      throw NoteMistake("a private key is written as PRIVATE+KEY+name+hint+base64; `headgate audit key new` makes one")
    }
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: try ed25519(parts[4])) else {
      throw NoteMistake("the private key is not an Ed25519 key")
    }
    try self.init(name: parts[2], key)
    guard verifier.hint.hex == parts[3] else {
      throw NoteMistake("the private key does not belong to its name and hint")
    }
  }

  /// To be kept where nobody else can read it.
  package var secret: String {
    "PRIVATE+KEY+\(verifier.name)+\(verifier.hint.hex)+"
      + Data([algorithm] + Array(key.rawRepresentation)).base64EncodedString()
  }

  /// - Parameter text: ends with a line break, and has no empty line at its end.
  package func sign(_ text: String) throws -> SignedNote {
    let bytes = Array(try key.signature(for: Array(text.utf8)))
    return SignedNote(text: text, signatures: [.init(name: verifier.name, hint: verifier.hint, bytes: bytes)])
  }

  package var description: String { verifier.description }
}

/// The number that signed-note gives Ed25519.
private let algorithm: UInt8 = 1

private func ed25519(_ base64: String) throws(NoteMistake) -> [UInt8] {
  guard let data = Data(base64Encoded: base64), data.count == 33, data.first == algorithm,
    data.base64EncodedString() == base64
  else { throw NoteMistake("the key is not base 64 of an Ed25519 key with its number, 1, before it") }
  return Array(data.dropFirst())
}

private func isKeyName(_ name: String) -> Bool {
  !name.isEmpty
    && !name.unicodeScalars.contains {
      $0.properties.isWhitespace || $0.value < 0x20 || $0 == "+" || $0.value == 0xFFFD
    }
}

extension [UInt8] {
  /// Lower-case hexadecimal, two digits a byte.
  package var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  package init?(hex text: some StringProtocol) {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    self = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digit(digits[index]), let low = digit(digits[index + 1]) else { return nil }
      append(high << 4 | low)
    }
    func digit(_ byte: UInt8) -> UInt8? {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
      default: nil
      }
    }
  }
}
