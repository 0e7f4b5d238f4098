package import PipelineModel

extension Answer {
  /// The number it is; `nil` when it is something else.
  package var number: Double? { if case .number(let number) = self { number } else { nil } }

  /// The text it is; `nil` when it is something else.
  package var text: String? { if case .text(let text) = self { text } else { nil } }

  /// The items of the list it is; `nil` when it is something else.
  package var items: [Answer]? { if case .list(let items) = self { items } else { nil } }

  /// The member of the object it is; `nil` when there is none of that name, or it is something else.
  package subscript(name: String) -> Answer? {
    if case .object(let members) = self { members.first { $0.name == name }?.value } else { nil }
  }
}

extension Sequence where Element == Answer {
  /// Without the missing values at its end: stores have places there for values that are still to come.
  package var withoutMissingAtTheEnd: [Answer] {
    Array(Array(reversed()).drop { $0 == .null }.reversed())
  }
}
