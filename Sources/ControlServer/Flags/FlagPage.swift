import Crypto
package import Flags

/// The flags of one environment as of one revision, compiled.
package final class FlagPage: Sendable {
  package let environment: String
  /// Rises with every change of the environment.
  package let revision: Int64
  package let flags: FlagSet
  /// By the keys of the flags.
  package let contracts: [String: FlagContract]
  /// A flagd definition of all of it, members sorted.
  package let document: [UInt8]
  /// Of `document`; the same definition has the same tag, whoever serves it.
  let entityTag: EntityTag
  /// In the order of their keys' bytes.
  let sorted: [Flag]

  package init(
    environment: String, revision: Int64, flags: FlagSet, contracts: [String: FlagContract] = [:], document: [UInt8]
  ) {
    self.environment = environment
    self.revision = revision
    self.flags = flags
    self.contracts = contracts
    self.document = document
    entityTag = EntityTag(of: document)
    sorted = flags.flags.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  /// The strong entity tag, in its quotes.
  package var tag: String { entityTag.text }

  /// Of an environment that has no flags yet.
  package static func empty(_ environment: String) -> FlagPage {
    FlagPage(environment: environment, revision: 0, flags: FlagSet(flags: []), document: Array(#"{"flags":{}}"#.utf8))
  }
}

/// A strong entity tag: a hash of the exact bytes of an answer.
struct EntityTag: Hashable {
  /// With its quotes.
  let text: String

  init(of bytes: [UInt8]) { text = "\"\(Self.hexadecimal(SHA256.hash(data: bytes).prefix(16)))\"" }

  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Whether an `If-None-Match` names this tag: `*`, or a list of tags, weak ones and ones without quotes included, since
  /// clients send back what they were given in many ways.
  func isNamed(in field: String?) -> Bool {
    guard let field else { return false }
    return field.split(separator: ",").contains { part in
      var part = part.drop { $0 == " " }
      while part.last == " " { part.removeLast() }
      if part == "*" { return true }
      if part.hasPrefix("W/") { part = part.dropFirst(2) }
      return part == text || "\"\(part)\"" == text
    }
  }
}
