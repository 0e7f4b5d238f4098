import PluginKit

/// Values that must not be seen in any message, whatever a server answers.
package struct HTTPSecrets: Hashable, Sendable {
  private var values: Set<String>
  /// How each may have been written, the longest first: so that none is left over by another that is part of it.
  private var forms: [String]

  package init(_ values: [String] = []) {
    self.values = Set(values).filter { !$0.isEmpty }
    forms = Set(self.values.flatMap { $0.formsOfASecret.union([HTTPCall.escaped($0)]) })
      .sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
  }

  package func with(_ more: [String]) -> HTTPSecrets { HTTPSecrets(values + more) }

  /// `text` with every secret blotted out, as it stands or as JSON or a URL would have it.
  package func hidden(in text: String) -> String { forms.reduce(text) { $0.replacing($1, with: "•••") } }

  /// What a server said, blotted and made fit for a message: blotted first, for a cut may leave half a secret.
  package func excerpt(_ text: String, _ limit: Int) -> String { hidden(in: text).excerpt(limit) }
}
