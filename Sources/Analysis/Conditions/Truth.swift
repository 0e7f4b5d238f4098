/// Three-valued logic after Kleene: what cannot be known stays unknown, unless the rest settles it.
package enum Truth: Hashable, Sendable {
  case yes, no, unknown

  init(_ bool: Bool) { self = bool ? .yes : .no }

  static prefix func ! (truth: Truth) -> Truth {
    switch truth {
    case .yes: .no
    case .no: .yes
    case .unknown: .unknown
    }
  }
}

/// A condition met something it is not made for: a number where it wanted a list, several series where it wanted one.
package struct TypeFault: Error, Hashable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}
