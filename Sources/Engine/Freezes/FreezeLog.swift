package import PipelineModel

/// The freezes of a store that hold or are to come: decides what may be declared, and folds what was.
package struct FreezeLog: Equatable, Sendable {
  /// By number; those that came to their declared end stay until `forget`.
  package private(set) var standing: [Int64: Freeze]
  /// The highest number given so far; 0 for none.
  package private(set) var last: Int64

  package init(last: Int64 = 0, standing: [Freeze] = []) {
    self.last = last
    self.standing = Dictionary(standing.map { ($0.number, $0) }) { $1 }
  }

  /// The freeze that holds a change now: of several, the one that holds longest.
  package func freeze(of services: [String], in environment: String, at now: Timestamp) -> Freeze? {
    standing.values.filter { $0.isInForce(at: now) && $0.covers(services, in: environment) }
      .max { ($0.until ?? .distantFuture, $1.number) < ($1.until ?? .distantFuture, $0.number) }
  }

  /// When the next one comes to its end.
  package var alarm: Timestamp? { standing.values.compactMap(\.until).min() }

  /// Drops those that are over.
  package mutating func forget(before now: Timestamp) { standing = standing.filter { !$0.value.isOver(at: now) } }

  /// What the act comes to.
  ///
  /// - Parameter roles: those the asker holds.
  /// - Throws: `Refusal` for somebody who may not, a title nobody could read, a window that is none, or a freeze that does
  ///   not stand.
  package func decide(
    _ act: FreezeAct, by principal: Principal, holding roles: [String], because reason: String?,
    policy: FreezePolicy, now: Timestamp
  ) throws(Refusal) -> FreezeFact {
    switch act {
    case .start(let plan):
      try mustHold(policy.start, roles, principal, to: "start")
      return .started(try freeze(plan, now))
    case .end(let number):
      try mustHold(policy.end, roles, principal, to: "end")
      return .ended(try ending(number, reason, now))
    }
  }

  package mutating func apply(_ fact: FreezeFact) {
    switch fact {
    case .started(let freeze):
      standing[freeze.number] = freeze
      last = max(last, freeze.number)
    case .ended(let freeze): standing[freeze.number] = nil
    case .met, .refused: break
    }
  }

  private func mustHold(
    _ wanted: [String], _ held: [String], _ principal: Principal, to verb: String
  ) throws(Refusal) {
    guard !wanted.isEmpty, !held.contains(where: wanted.contains) else { return }
    throw Refusal(
      "\(principal.name) may not \(verb) a freeze: none of the roles asked for is held, "
        + "\(wanted.joined(separator: ", ")); `freezes:` in headgate.yaml names them")
  }

  private func freeze(_ plan: FreezePlan, _ now: Timestamp) throws(Refusal) -> Freeze {
    let heading = try Heading(plan.title, of: plan.services, on: "a freeze", saying: "why")
    guard !plan.exceptions.contains(.feature) else {
      throw Refusal(
        "a freeze that lets features go ahead would hold nothing; except security, emergency or reliability")
    }
    let from = max(plan.from ?? now, now)
    if let until = plan.until, until <= from {
      throw Refusal(
        "a freeze from \(from.rfc3339) cannot end at \(until.rfc3339)"
          + (until <= now ? ", which has passed: it is \(now.rfc3339) now" : ""))
    }
    return Freeze(
      number: last + 1, title: heading.title, services: heading.services, environment: plan.environment, from: from,
      until: plan.until, starts: plan.starts, exceptions: ChangeKind.allCases.filter(plan.exceptions.contains))
  }

  private func ending(_ number: Int64, _ reason: String?, _ now: Timestamp) throws(Refusal) -> Freeze {
    guard let freeze = standing[number], !freeze.isOver(at: now) else {
      throw Refusal(
        number > 0 && number <= last
          ? "freeze \(number) is over already"
          : "there is no freeze \(number); `headgate freeze list` shows those there are")
    }
    guard reason?.contains(where: { !$0.isWhitespace }) ?? false else {
      throw Refusal("to end a freeze before its time needs a reason: say why with --reason")
    }
    return freeze
  }
}
