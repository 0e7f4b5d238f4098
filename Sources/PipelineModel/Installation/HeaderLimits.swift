/// What a kind of router can take of a header, where that is less than any pipeline may ask for.
package struct HeaderLimits: Hashable, Sendable {
  /// Signs of a name.
  package var name: Int
  /// Signs of a value.
  package var value: Int
  /// Names it cannot look at, in lower case.
  package var except: Set<String>

  package init(name: Int, value: Int, except: Set<String> = []) {
    self.name = name
    self.value = value
    self.except = except
  }

  /// Why such a router cannot be asked for it; `nil` when it can.
  package func refusal(of match: HeaderMatch) -> String? {
    if except.contains(match.header.lowercased()) { return "it cannot look at the header \(match.header)" }
    if match.header.count > name { return "a header's name has at most \(name) signs there, not \(match.header.count)" }
    if match.value.count > value {
      return "a header's value has at most \(value) signs there, not \(match.value.count)"
    }
    return nil
  }
}
