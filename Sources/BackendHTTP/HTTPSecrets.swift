import PluginKit

/// Values that must not be seen in any message, whatever a server answers.
package struct HTTPSecrets: Hashable, Sendable {
  /// The longest first, so that none is left over by another that is part of it.
  private var values: [String]

  package init(_ values: [String] = []) {
    self.values = Set(values).filter { !$0.isEmpty }.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
  }

  package func with(_ more: [String]) -> HTTPSecrets { HTTPSecrets(values + more) }

  /// `text` with every secret blotted out, as it stands or as a URL would have it.
  package func hidden(in text: String) -> String {
    values.reduce(text) { text, secret in
      let plain = text.replacing(secret, with: "•••")
      let escaped = HTTPCall.escaped(secret)
      return escaped == secret ? plain : plain.replacing(escaped, with: "•••")
    }
  }

  /// What a server said, blotted and made fit for a message: blotted first, for a cut may leave half a secret.
  package func excerpt(_ text: String, _ limit: Int) -> String { hidden(in: text).excerpt(limit) }
}
