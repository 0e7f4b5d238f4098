import PipelineModel

extension Answer {
  /// An arm's counts in the answer to several questions; `nil` where there is nothing to count.
  ///
  /// Where there are requests and no series of bad ones, `missing` says what that means: a counter that was never raised
  /// is often not there at all, and neither is one whose name is misspelt. Without good ones there is no telling.
  func counts(_ side: Question.Side, _ missing: MissingCount) throws(TypeFault) -> ArmCounts? {
    let all = try part(Question(.all(side), Template(parts: [])).name)
    guard let all, all.isFinite else { return nil }
    if let good = try part(Question(.good(side), Template(parts: [])).name) {
      guard good.isFinite else { return nil }
      return try ArmCounts(bad: max(0, all - good), all: all).checked(side)
    }
    let bad = try part(Question(.bad(side), Template(parts: [])).name) ?? (all == 0 ? 0 : none(side, missing))
    guard let bad, bad.isFinite else { return nil }
    return try ArmCounts(bad: bad, all: all).checked(side)
  }

  /// Of bad requests there were none, if that is what an empty answer to the question about them means.
  private func none(_ side: Question.Side, _ missing: MissingCount) -> Double? {
    missing == .zero && isMissing(Question(.bad(side), Template(parts: [])).name) ? 0 : nil
  }

  /// Requests of both arms, for what they are split by; `nil` where one of the questions was not asked or not answered.
  /// Of a series the mean of its points, so that no request counts twice.
  package var requests: RequestSplit? {
    func count(_ side: Question.Side) -> Double? {
      guard let points = try? series(Question(.all(side), Template(parts: [])).name).filter(\.isFinite), !points.isEmpty
      else { return nil }
      return points.reduce(0, +) / Double(points.count)
    }
    guard let canary = count(.canary), let control = count(.control), canary >= 0, control >= 0 else { return nil }
    return RequestSplit(canary: canary, control: control)
  }

  /// The number under a name; `nil` where the answer to that question was empty.
  func part(_ name: String) throws(TypeFault) -> Double? {
    guard case .object(let members) = self else {
      throw TypeFault("the answer is \(kind), where one to each question is wanted")
    }
    guard let value = members.first(where: { $0.name == name })?.value else { return nil }
    switch value {
    case .null: return nil
    case .list(let items) where items.isEmpty: return nil
    case .number, .list, .bool, .text, .object: return try value.single()
    }
  }

  /// An arm's single values, or what the provider made of them; `nil` without any that is a number.
  func samples(_ side: Question.Side) throws(TypeFault) -> SampleLook.Arm? {
    if isAsked(Question(.sum(side), Template(parts: [])).name) {
      guard let count = try part(Question(.all(side), Template(parts: [])).name),
        let sum = try part(Question(.sum(side), Template(parts: [])).name),
        let squares = try part(Question(.squares(side), Template(parts: [])).name)
      else { return nil }
      guard count > 0, count.isFinite, sum.isFinite, squares.isFinite else { return nil }
      if squares >= 0 { return .init(Moments(count: count, sum: sum, squares: squares)) }
      throw TypeFault("the sum of the squares of the \(side.rawValue) is negative")
    }
    let values = try series(side.rawValue).filter(\.isFinite)
    return values.isEmpty ? nil : .init(values: values)
  }

  private func isAsked(_ name: String) -> Bool {
    if case .object(let members) = self { members.contains { $0.name == name } } else { false }
  }

  /// Whether a question was asked, and its answer was empty.
  func isMissing(_ name: String) -> Bool {
    guard case .object(let members) = self, let member = members.first(where: { $0.name == name }) else { return false }
    return member.value == .null || member.value == .list([])
  }

  /// The finite numbers of a series under a name.
  func series(_ name: String) throws(TypeFault) -> [Double] {
    guard case .object(let members) = self else {
      throw TypeFault("the answer is \(kind), where one to each question is wanted")
    }
    switch members.first(where: { $0.name == name })?.value ?? .null {
    case .null: return []
    case .list(let items):
      var values: [Double] = []
      for item in items { values.append(try item.single()) }
      return values
    case .number(let value): return [value]
    case .bool, .text, .object: throw TypeFault("the answer to \(name) is no series of numbers")
    }
  }
}

extension ArmCounts {
  fileprivate func checked(_ side: Question.Side) throws(TypeFault) -> ArmCounts {
    guard bad >= 0, all >= 0 else {
      throw TypeFault(
        "a count of the \(side.rawValue) is negative: count with increase() and not with deriv() or delta()")
    }
    return self
  }
}
