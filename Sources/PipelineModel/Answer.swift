/// What a metric provider answered, before it is judged.
///
/// A number for one series, a list for several or for a range, any JSON for providers that answer with documents.
/// `null` is a missing value; so is an empty list.
package enum Answer: Hashable, Sendable {
  case number(Double)
  case list([Answer])
  case null
  case bool(Bool)
  case text(String)
  /// Members in the order of the answer; a name occurs once.
  case object([Member])

  package struct Member: Hashable, Sendable {
    package var name: String
    package var value: Answer
    package init(name: String, value: Answer) {
      self.name = name
      self.value = value
    }
  }
}
