package import Flags
import PipelineModel

extension FlagLedger {
  /// Judges a wish and says what happens: the change at once, or a proposal that waits.
  func decide(_ wish: FlagWish, _ circumstances: FlagCircumstances) throws(Refusal) -> [FlagFact] {
    let environment = try circumstances.environment(of: wish.name)
    guard FlagKey.isValid(wish.name.key) else {
      throw Refusal(
        "`\(wish.name.key)` cannot be the key of a flag: use letters, digits, `.`, `_` and `-`, beginning with a letter "
          + "or a digit")
    }
    guard FlagKey.isValid(wish.name.environment) else {
      throw Refusal("`\(wish.name.environment)` cannot be the name of an environment")
    }
    try mayAsk(wish, environment, circumstances)
    try check(wish.ifRevision, of: wish.name)
    try checkRamp(of: wish.name, circumstances, allowing: wish.deed.stops)
    let revision = try revision(for: wish, environment, circumstances)
    switch wish.deed {
    case .import where revision.saysTheSame(as: head(wish.name)): return []
    // Whoever kills once more wants it off for good, and it is.
    case .kill where revision.saysTheSame(as: head(wish.name)): return []
    case .kill: return applied(revision)
    case .create, .set, .import, .turnOn, .turnOff, .revert, .archive: break
    }
    return try admit(revision, wish, environment, circumstances)
  }

  private func mayAsk(
    _ wish: FlagWish, _ environment: FlagPolicy.Environment, _ circumstances: FlagCircumstances
  ) throws(Refusal) {
    guard wish.deed == .kill else {
      return try circumstances.mustHold(environment.change, to: "change", in: environment)
    }
    try circumstances.mustHold(environment.kill, to: "kill", in: environment)
    if wish.at != nil || wish.onlyProposes { throw Refusal("a kill waits for nothing; leave out when, or use off") }
  }

  private func check(_ expected: Int64?, of name: FlagName) throws(Refusal) {
    let number = head(name)?.number ?? 0
    guard let expected, expected != number else { return }
    throw Refusal(
      number == 0
        ? "there is no flag \(name), and revision \(expected) of it was expected"
        : "\(name) is at revision \(number), and not at \(expected): somebody changed it meanwhile. "
          + "Look at it with `headgate flag show \(name.key) --environment \(name.environment)`, and ask again")
  }

  /// A change from elsewhere would take the ramp's evidence its meaning.
  func checkRamp(
    of name: FlagName, _ circumstances: FlagCircumstances, allowing stops: Bool = false
  ) throws(Refusal) {
    guard !stops, let run = circumstances.ramping(name) else { return }
    throw Refusal(
      "run \(run) ramps \(name) now; wait for it, end it with `headgate abort \(run)`, or stop the flag with "
        + "`headgate flag kill`")
  }

  // MARK: What the flag is to become

  private func revision(
    for wish: FlagWish, _ environment: FlagPolicy.Environment, _ circumstances: FlagCircumstances
  ) throws(Refusal) -> FlagRevision {
    switch wish.deed {
    case .create(let draft): return try created(wish.name, draft, .created, environment)
    case .import(let draft):
      guard let head = head(wish.name), !head.isArchived else {
        return try created(wish.name, draft, .imported, environment)
      }
      return try changed(head, draft, .imported)
    case .set(let draft):
      let head = try live(wish.name)
      let revision = try changed(head, draft, .changed)
      if revision.saysTheSame(as: head) {
        throw Refusal("\(wish.name) says just that already, in revision \(head.number)")
      }
      return revision
    case .turnOn(let variant): return try turnedOn(try live(wish.name), variant, circumstances)
    case .turnOff: return try turnedOff(try live(wish.name))
    case .kill: return try killed(try live(wish.name))
    case .revert(let number): return try reverted(try live(wish.name), to: number, circumstances)
    case .archive:
      let head = try live(wish.name)
      try mustBeQuiet(head, breaksGlass: wish.breaksGlass, circumstances)
      return try head.next(.archived) { $0.isArchived = true }.disabled()
    }
  }

  private func live(_ name: FlagName) throws(Refusal) -> FlagRevision {
    guard let head = head(name) else {
      let elsewhere = flags.filter { $0.name.key == name.key && !$0.isArchived }.map(\.name.environment)
      let hint = elsewhere.isEmpty ? "" : "; there is one in \(elsewhere.joined(separator: ", "))"
      throw Refusal("there is no flag \(name)\(hint)")
    }
    guard !head.isArchived else { throw Refusal("\(name) was archived; `headgate flag create` makes it anew") }
    return head
  }

  /// Off, unless it comes from a file that says what it is.
  private func created(
    _ name: FlagName, _ draft: FlagDraft, _ change: FlagChange, _ environment: FlagPolicy.Environment
  ) throws(Refusal) -> FlagRevision {
    let former = head(name)
    if let former, !former.isArchived {
      throw Refusal("there is a flag \(name) already, at revision \(former.number); change it with `headgate flag set`")
    }
    let generation = draft.generation ?? Generation(rawValue: environment.fractional) ?? .standard
    let revision = FlagRevision(
      name: name, number: (former?.number ?? 0) + 1, change: change, definition: draft.definition,
      contract: draft.contract.agreed, generation: generation, isLatched: former?.isLatched ?? false)
    let valid = try revision.validated()
    if change != .created, let former { try mustStayOff(valid, after: former) }
    return change == .created ? try valid.disabled() : valid
  }

  func changed(_ head: FlagRevision, _ draft: FlagDraft, _ change: FlagChange) throws(Refusal) -> FlagRevision {
    let next = try head.next(change) {
      $0.definition = draft.definition
      $0.contract = draft.contract.agreed
      $0.contract.rollout = head.contract.rollout
      $0.generation = draft.generation ?? head.generation
    }.validated()
    try mustStayOff(next, after: head)
    return next
  }

  func mustStayOff(_ next: FlagRevision, after head: FlagRevision) throws(Refusal) {
    guard head.isLatched, try next.parsed().state != .disabled else { return }
    throw Refusal(
      "\(head.name) was switched off for a reason and stays off until a person turns it on: "
        + "`headgate flag on \(head.name.key) --environment \(head.name.environment) --reason …`. "
        + "Until then only a definition that is DISABLED can be set")
  }

  private func turnedOn(
    _ head: FlagRevision, _ variant: String?, _ circumstances: FlagCircumstances
  ) throws(Refusal) -> FlagRevision {
    if head.isLatched, !circumstances.hasReason {
      throw Refusal("\(head.name) was switched off for a reason; say with --reason why it may be on again")
    }
    var definition = try head.parsed()
    definition.state = .enabled
    if let variant = variant ?? (definition.targeting == nil ? definition.trueVariant : nil) {
      guard definition.variants[variant] != nil else {
        let known = definition.variants.members.map { "`\($0.name.text)`" }.joined(separator: ", ")
        throw Refusal("\(head.name) has no variant `\(variant)`; it has \(known)")
      }
      definition.defaultVariant = variant
      if definition.isOnlySplit { definition.targeting = nil }
    }
    let next = head.next(.turnedOn) {
      $0.definition = definition.canonical
      $0.isLatched = false
    }
    if next.saysTheSame(as: head) { throw Refusal("\(head.name) is on already") }
    return next
  }

  private func turnedOff(_ head: FlagRevision) throws(Refusal) -> FlagRevision {
    let next = try head.next(.turnedOff).disabled()
    if next.saysTheSame(as: head) { throw Refusal("\(head.name) is off already") }
    return next
  }

  private func killed(_ head: FlagRevision) throws(Refusal) -> FlagRevision {
    try head.next(.killed) { $0.isLatched = true }.disabled()
  }

  private func reverted(
    _ head: FlagRevision, to number: Int64, _ circumstances: FlagCircumstances
  ) throws(Refusal) -> FlagRevision {
    guard let past = try circumstances.past(head.name, number) else {
      throw Refusal("\(head.name) has no revision \(number); see `headgate flag history \(head.name.key)`")
    }
    let next = head.next(.reverted(to: number)) {
      $0.definition = past.definition
      $0.contract = past.contract.agreed
      $0.contract.rollout = head.contract.rollout
      $0.generation = past.generation
    }
    if next.saysTheSame(as: head) { throw Refusal("\(head.name) says what revision \(number) said") }
    try mustStayOff(next, after: head)
    return next
  }
}

extension FlagDeed {
  /// Whether it takes the flag away from people: it may be done while the flag ramps, and during a freeze.
  package var stops: Bool {
    switch self {
    case .kill, .turnOff: true
    case .create, .set, .import, .turnOn, .revert, .archive: false
    }
  }
}

extension FlagContract {
  /// What people agree on, without what the ledger fills in.
  package var agreed: FlagContract {
    FlagContract(owner: owner, purpose: purpose, expires: expires, endState: endState, services: services)
  }
}

extension FlagRevision {
  package func parsed() throws(Refusal) -> FlagDefinition {
    do {
      return try FlagDefinition(text: definition)
    } catch {
      throw Refusal("the definition of \(name) cannot be read: \(error)")
    }
  }

  func disabled() throws(Refusal) -> FlagRevision {
    var definition = try parsed()
    definition.state = .disabled
    var off = self
    off.definition = definition.canonical
    return off
  }

  /// The same with its definition in canonical form.
  ///
  /// - Throws: with everything that is wrong with it.
  func validated() throws(Refusal) -> FlagRevision {
    let definition = try parsed()
    let reading = definition.reading(key: name.key, generation)
    let wrong = reading.problems.filter { $0.severity == .error || isIdle($0.unreachable) }
    if !wrong.isEmpty {
      let list = wrong.prefix(5).map { problem in "\(problem.message)\(problem.help.map { ". \($0)" } ?? "")" }
      throw Refusal("the definition of \(name) is refused: \(list.joined(separator: "; "))")
    }
    if let endState = contract.endState, definition.variants[endState] == nil {
      throw Refusal("the end state `\(endState)` of \(name) is no variant of it")
    }
    var valid = self
    valid.definition = definition.canonical
    let size = valid.definition.utf8.count
    guard size <= Self.greatestSize else {
      throw Refusal("the definition of \(name) has \(size) bytes, more than the \(Self.greatestSize) that are kept")
    }
    return valid
  }

  /// Of a definition, in bytes: every change keeps all of it.
  private static let greatestSize = 1 << 20

  /// A variant that no rule gives yet is where a ramp is to lead, when the contract says so. Files from elsewhere are
  /// taken as they are.
  private func isIdle(_ unreachable: String?) -> Bool {
    unreachable != nil && unreachable != contract.endState && change != .imported
  }

  func saysTheSame(as other: FlagRevision?) -> Bool {
    guard let other else { return false }
    return definition == other.definition && contract.agreed == other.contract.agreed && generation == other.generation
      && isLatched == other.isLatched && isArchived == other.isArchived
  }
}
