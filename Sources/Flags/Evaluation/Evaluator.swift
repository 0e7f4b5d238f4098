/// Walks one program for one context.
///
/// Every step, and every item and byte that a step looks at, uses up `fuel`, so that no rule and no context takes long;
/// values that are put together are counted as deep as they are, so that none grows beyond what fuel there was.
struct Evaluator<Trail: RuleTrail>: ~Copyable {
  /// Of a program that whoever evaluates keeps meanwhile.
  let program: ProgramTables
  /// Kept by whoever evaluates, as the program is.
  let context: BorrowedObject
  let seconds: Int64
  var fuel = EvaluatorLimits.fuel
  /// What `var` looks into: the item inside an iteration, the context (`nil`) outside.
  var scope: JSONValue?
  var trail: Trail

  init(_ program: ProgramTables, _ context: BorrowedObject, seconds: Int64, trail: Trail) {
    self.program = program
    self.context = context
    self.seconds = seconds
    self.trail = trail
  }

  @inline(__always)
  mutating func spend(_ amount: Int) throws(Exhausted) {
    fuel -= amount
    if fuel < 0 { throw Exhausted() }
  }

  /// The node at a place of a span, or `nil` behind its end.
  @inline(__always)
  func child(_ span: Program.Span, _ place: Int32) -> Int32? {
    place < span.count ? program.children[Int(span.start + place)] : nil
  }

  @inline(__always)
  mutating func argument(_ span: Program.Span, _ place: Int32) throws(Exhausted) -> JSONValue {
    guard let child = child(span, place) else { return .null }
    return try value(child)
  }

  mutating func value(_ index: Int32) throws(Exhausted) -> JSONValue {
    try spend(1)
    switch program.nodes[Int(index)] {
    case .constant(let constant): return program.constants[Int(constant)]
    case .variable(let path, let fallback): return try variable(path, fallback)
    case .computedVariable(let span): return try computedVariable(span)
    case .list(let span): return .list(try counted(try values(span)))
    case .branch(let span):
      guard let chosen = try chosen(span) else { return .null }
      return try value(chosen)
    case .and(let span): return try firstOf(span, truth: false)
    case .or(let span): return try firstOf(span, truth: true)
    case .call(let named, let span): return try call(named, span)
    case .isOneOf(let text, let set): return .bool(try isOneOf(text, set))
    case .hasOneOf(let name, let text, let set): return .bool(try hasOneOf(name, text, set))
    case .iterate(let iteration, let list, let body): return try iterate(iteration, list, body)
    case .reduce(let span): return try reduce(span)
    case .fixedSplit(let key, let split):
      guard let bucket = try bucket(key, split) else { return .null }
      return program.constants[Int(program.buckets[bucket].name)]
    case .split(let key, let span): return try computedSplit(key, span)
    }
  }

  @inline(__always)
  mutating func isTrue(_ index: Int32) throws(Exhausted) -> Bool {
    // The commonest condition of all, without a value in between.
    if case .hasOneOf(let name, let text, let set) = program.nodes[Int(index)] {
      try spend(1)
      return try hasOneOf(name, text, set)
    }
    return Coercion.isTrue(try value(index))
  }

  mutating func values(_ span: Program.Span) throws(Exhausted) -> [JSONValue] {
    var values: [JSONValue] = []
    values.reserveCapacity(Int(span.count))
    for place in 0..<span.count { values.append(try argument(span, place)) }
    return values
  }

  /// The node that an `if` comes down to.
  @inline(__always)
  mutating func chosen(_ span: Program.Span) throws(Exhausted) -> Int32? {
    var place: Int32 = 0
    while place + 1 < span.count {
      let condition = program.children[Int(span.start + place)]
      let holds = try isTrue(condition)
      trail.tested(condition, holds: holds)
      if holds { return program.children[Int(span.start + place + 1)] }
      place += 2
    }
    return child(span, place)
  }

  private mutating func firstOf(_ span: Program.Span, truth: Bool) throws(Exhausted) -> JSONValue {
    var value = JSONValue.null
    for place in 0..<span.count {
      value = try argument(span, place)
      if Coercion.isTrue(value) == truth { return value }
    }
    return value
  }

  private mutating func isOneOf(_ text: Int32, _ set: Int32) throws(Exhausted) -> Bool {
    guard case .text(let wanted) = try value(text) else { return false }
    return try isAmong(wanted, set)
  }

  /// Whether a property of the context is one of a set of texts.
  @inline(__always)
  private mutating func hasOneOf(_ name: Int32, _ text: Int32, _ set: Int32) throws(Exhausted) -> Bool {
    if scope != nil { return try isOneOf(text, set) }
    try spend(context.members.count > 16 ? 17 : 2)
    guard let place = context.index(of: program.names[Int(name)]),
      case .text(let wanted) = context.members[place].value
    else { return false }
    return try isAmong(wanted, set)
  }

  @inline(__always)
  private mutating func isAmong(_ wanted: String, _ set: Int32) throws(Exhausted) -> Bool {
    let span = program.textSets[Int(set)]
    if span.count > 8 {
      try spend(64 + wanted.utf8.count / 8)
      return isAmong(wanted, span)
    }
    for index in Int(span.start)..<Int(span.start + span.count)
    where program.texts[index].hasSameBytes(as: wanted) {
      return true
    }
    return false
  }

  private func isAmong(_ wanted: String, _ span: Program.Span) -> Bool {
    var (low, high) = (Int(span.start), Int(span.start + span.count))
    while low < high {
      let middle = (low + high) / 2
      let order = program.texts[middle].comparedByBytes(with: wanted)
      if order == 0 { return true }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return false
  }
}

enum EvaluatorLimits {
  /// Steps, items and bytes (eight for one) of one evaluation; some milliseconds.
  static let fuel = 1_000_000
  /// Lists inside one another that a rule may build.
  static let depth = 64
}

/// A rule asked for more than one evaluation may take.
struct Exhausted: Error {}

/// Hears which way a rule went.
protocol RuleTrail {
  /// A condition of an `if` on the way to the result.
  mutating func tested(_ node: Int32, holds: Bool)
  /// A `fractional` that put the user into a bucket.
  mutating func fell(_ node: Int32, into bucket: Int, hash: UInt32, of sum: Int64)
}

/// Nobody asked.
struct NoTrail: RuleTrail {
  @inline(__always) mutating func tested(_ node: Int32, holds: Bool) {}
  @inline(__always) mutating func fell(_ node: Int32, into bucket: Int, hash: UInt32, of sum: Int64) {}
}
