/// Which store it is, and what for: so that the chain of a rehearsal cannot be taken for that of a real log.
package struct StoreIdentity: Hashable, Sendable {
  /// Random, made with the store.
  package var name: String
  /// `real` or `rehearsal`.
  package var purpose: String

  package init(name: String, purpose: String) {
    self.name = name
    self.purpose = purpose
  }
}
