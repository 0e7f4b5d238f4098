/// Values that must not be seen in any text that is logged, shown or written down.
package struct HiddenSecrets: Hashable, Sendable {
  private var values: Set<String>
  /// How each may have been written, the longest first: so that none is left over by another that is part of it.
  private var forms: [String]

  package init(_ values: some Sequence<String> = []) {
    self.values = Set(values).filter { !$0.isEmpty }
    forms = Set(self.values.flatMap(\.formsOfASecret)).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
  }

  package func with(_ more: some Sequence<String>) -> HiddenSecrets { HiddenSecrets(values.union(more)) }

  /// `text` with every secret blotted out, as it stands or as JSON or a URL would have it.
  package func hidden(in text: String) -> String { forms.reduce(text) { $0.replacing($1, with: "•••") } }

  /// What somebody said, blotted and made fit for a message: blotted first, for a cut may leave half a secret.
  package func excerpt(_ text: String, _ limit: Int) -> String { hidden(in: text).excerpt(limit) }

  /// Whether one of them stands in the text, in whatever form.
  package func isSeen(in text: String) -> Bool { forms.contains(where: text.contains) }
}
