extension Condition: Formed {
  func write(to form: inout FormWriter) {
    switch self {
    case .number(let value): form.write(case: 0, value)
    case .bool(let value): form.write(case: 1, value)
    case .text(let text): form.write(case: 2, text)
    case .value: form.write(case: 3)
    case .element: form.write(case: 4)
    case .field(let base, let name): form.write(case: 5, base, name)
    case .index(let base, let index): form.write(case: 6, base, index)
    case .not(let inner): form.write(case: 7, inner)
    case .negate(let inner): form.write(case: 8, inner)
    case .binary(let op, let left, let right): form.write(case: 9, op, left, right)
    case .quantified(let quantifier, let list, let rule): form.write(case: 10, quantifier, list, rule)
    case .call(let function, let arguments): form.write(case: 11, function, arguments)
    }
  }

  init(from form: inout FormReader) { self = form.deeper(Self.read) ?? .bool(false) }

  private static func read(_ form: inout FormReader) -> Condition {
    switch form.byte() {
    case 0: return .number(form.read())
    case 1: return .bool(form.read())
    case 2: return .text(form.read())
    case 3: return .value
    case 4: return .element
    case 5: return .field(form.read(), form.read())
    case 6: return .index(form.read(), form.read())
    case 7: return .not(form.read())
    case 8: return .negate(form.read())
    case 9: return .binary(form.read(), form.read(), form.read())
    case 10: return .quantified(form.read(), over: form.read(), rule: form.read())
    case 11: return .call(form.read(), form.read())
    default:
      form.fail()
      return .bool(false)
    }
  }
}
