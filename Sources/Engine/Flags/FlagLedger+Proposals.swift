import Flags
import PipelineModel

extension FlagLedger {
  /// Lets a change happen now, or has it wait for approvals or its time.
  func admit(
    _ revision: FlagRevision, _ wish: FlagWish, _ environment: FlagPolicy.Environment,
    _ circumstances: FlagCircumstances
  ) throws(Refusal) -> [FlagFact] {
    let (needed, movers) = environment.approvals(
      from: head(revision.name), to: revision, at: wish.at ?? circumstances.now)
    let freeze = wish.at == nil ? freeze(on: revision, circumstances) : nil
    if let at = wish.at, at <= circumstances.now { throw Refusal("\(at.rfc3339) has passed; leave it out for now") }
    var proposal = FlagProposal(
      id: lastProposal + 1, revision: revision, requester: circumstances.by, requestedAt: circumstances.now,
      reason: circumstances.reason, expires: circumstances.now + environment.expires,
      approvalsNeeded: max(needed, wish.onlyProposes ? 1 : 0), due: wish.at, movers: movers)
    if wish.breaksGlass, needed > 0 || freeze != nil {
      guard wish.at == nil, !wish.onlyProposes else { throw Refusal("glass is broken for what must happen at once") }
      try circumstances.mustHold(environment.breakGlass, to: "break glass for", in: environment)
      guard circumstances.hasReason else {
        throw Refusal(
          "to go past \(needed > 0 ? "approvals" : "a freeze") needs a reason, which others will review: say why with "
            + "--reason")
      }
      proposal.state = .brokeGlass
      return [.proposal(proposal)] + applied(revision)
    }
    if proposal.approvalsNeeded > 0 { return [.proposal(proposal)] }
    guard wish.at != nil else {
      if let freeze { throw freeze.refusal(of: revision.name) }
      return applied(revision)
    }
    proposal.state = .scheduled
    return [.proposal(proposal)]
  }

  /// The revision, and the end of everything that was proposed on the one before it.
  func applied(_ revision: FlagRevision, of proposal: Int64? = nil) -> [FlagFact] {
    let others = pending.filter { $0.revision.name == revision.name && $0.id != proposal && $0.state != .brokeGlass }
    let voided = others.map { other in
      FlagFact.proposal(other.with(.void(because: "the flag went on to revision \(revision.number) without it")))
    }
    return [.revised(revision)] + voided
  }

  // MARK: Other people

  func approve(
    _ proposal: FlagProposal, _ hash: String, _ circumstances: FlagCircumstances
  ) throws(Refusal) -> [FlagFact] {
    let environment = try circumstances.environment(of: proposal.revision.name)
    let by = circumstances.by
    guard !by.mayBe(proposal.requester) else {
      throw Refusal("\(by.name) asked for proposal \(proposal.id) and may not approve it")
    }
    try circumstances.mustHold(environment.approve, to: "approve changes of", in: environment)
    guard hash == circumstances.digest(proposal.boundText) else {
      throw Refusal(
        "proposal \(proposal.id) is not what was looked at: it was edited meanwhile, and approvals are for what they "
          + "were given for. Look again with `headgate flag proposals \(proposal.id)`")
    }
    if proposal.state == .brokeGlass { return [.proposal(proposal.with(.reviewed(by: by)))] }
    guard proposal.state == .open else { throw Refusal("proposal \(proposal.id) has the approvals it needs") }
    guard circumstances.now < proposal.expires else { throw Refusal("proposal \(proposal.id) has expired") }
    guard !proposal.approvals.contains(where: { $0.by.mayBe(by) }) else {
      throw Refusal("\(by.name) has approved proposal \(proposal.id) already")
    }
    var approved = proposal
    approved.revision.contract.approvals.append(.init(by: by, at: circumstances.now, proposal: hash))
    return try proceed(approved, circumstances)
  }

  /// What follows from the approvals a proposal has.
  private func proceed(
    _ proposal: FlagProposal, _ circumstances: FlagCircumstances
  ) throws(Refusal) -> [FlagFact] {
    guard proposal.approvals.count >= proposal.approvalsNeeded else { return [.proposal(proposal)] }
    if let due = proposal.due, due > circumstances.now { return [.proposal(proposal.with(.scheduled))] }
    return try apply(proposal, circumstances)
  }

  /// Does what was approved, looking once more at all that may have changed since it was asked for. What a freeze holds
  /// waits for its end.
  private func apply(
    _ proposal: FlagProposal, _ circumstances: FlagCircumstances
  ) throws(Refusal) -> [FlagFact] {
    let revision = proposal.revision
    let environment = try circumstances.environment(of: revision.name)
    guard (head(revision.name)?.number ?? 0) == revision.number - 1 else {
      throw Refusal("\(revision.name) has changed since proposal \(proposal.id) was made; propose it anew")
    }
    try checkRamp(of: revision.name, circumstances, allowing: revision.change == .turnedOff)
    if revision.change == .archived, let head = head(revision.name) {
      try mustBeQuiet(head, breaksGlass: false, circumstances)
    }
    let needed = environment.approvals(from: head(revision.name), to: revision, at: circumstances.now).needed
    guard proposal.approvals.count >= needed else {
      throw Refusal("proposal \(proposal.id) has \(proposal.approvals.count) approvals, and needs \(needed) by now")
    }
    if let freeze = freeze(on: revision, circumstances) { return [.proposal(proposal.with(.held(by: freeze.number)))] }
    return [.proposal(proposal.with(.applied))] + applied(proposal.outcome, of: proposal.id)
  }

  func reject(_ proposal: FlagProposal, _ circumstances: FlagCircumstances) throws(Refusal) -> [FlagFact] {
    let environment = try circumstances.environment(of: proposal.revision.name)
    if proposal.state == .brokeGlass {
      throw Refusal(
        "proposal \(proposal.id) has happened already; take it back with `headgate flag revert`, and approve it as seen"
      )
    }
    if circumstances.by != proposal.requester {
      try circumstances.mustHold(environment.approve, to: "reject changes of", in: environment)
    }
    return [.proposal(proposal.with(.rejected(by: circumstances.by)))]
  }

  /// Another definition has another hash, so whatever was approved is approved no more. Whoever edits asks from now on.
  func amend(
    _ proposal: FlagProposal, _ draft: FlagDraft, _ circumstances: FlagCircumstances
  ) throws(Refusal) -> [FlagFact] {
    let environment = try circumstances.environment(of: proposal.revision.name)
    try circumstances.mustHold(environment.change, to: "change", in: environment)
    switch proposal.revision.change {
    case .created, .changed, .imported: break
    case .turnedOn, .turnedOff, .archived, .killed, .reverted, .stepped, .switchedOff:
      throw Refusal("proposal \(proposal.id) sets no definition that could be edited; reject it and propose another")
    }
    guard proposal.waits else { throw Refusal("proposal \(proposal.id) has happened already") }
    var amended = proposal.with(.open)
    amended.revision = try edited(proposal.revision, draft)
    guard amended.revision != proposal.revision.withoutApprovals else {
      throw Refusal("proposal \(proposal.id) says just that already")
    }
    amended.requester = circumstances.by
    amended.requestedAt = circumstances.now
    amended.reason = circumstances.reason ?? proposal.reason
    amended.expires = circumstances.now + environment.expires
    let (needed, movers) = environment.approvals(
      from: head(amended.revision.name), to: amended.revision, at: amended.due ?? circumstances.now)
    amended.approvalsNeeded = max(needed, 1)
    amended.movers = movers
    return [.proposal(amended)]
  }

  private func edited(_ revision: FlagRevision, _ draft: FlagDraft) throws(Refusal) -> FlagRevision {
    if let head = head(revision.name), !head.isArchived { return try changed(head, draft, revision.change) }
    var edited = revision.withoutApprovals
    edited.definition = draft.definition
    edited.contract = draft.contract.agreed
    edited.contract.revision = revision.number
    edited.generation = draft.generation ?? revision.generation
    let valid = try edited.validated()
    if revision.change != .created, let former = head(revision.name) { try mustStayOff(valid, after: former) }
    return revision.change == .created ? try valid.disabled() : valid
  }

  // MARK: Time

  /// What happens because its time has come: approved changes that were scheduled or held by a freeze, each looked at
  /// again, and the end of proposals that nobody approved in time.
  package func due(in circumstances: FlagCircumstances) -> [FlagFact] {
    var after = self
    var facts: [FlagFact] = []
    while let proposal = after.nextDue(circumstances) {
      let more = after.elapsed(proposal, circumstances)
      for fact in more { after.fold(fact) }
      facts += more
    }
    return facts
  }

  private func nextDue(_ circumstances: FlagCircumstances) -> FlagProposal? {
    pending.filter { isDue($0, circumstances) }
      .min { ($0.alarm ?? .distantFuture, $0.id) < ($1.alarm ?? .distantFuture, $1.id) }
  }

  /// What a freeze holds is due once that one no longer does, though another may.
  private func isDue(_ proposal: FlagProposal, _ circumstances: FlagCircumstances) -> Bool {
    if case .held(let number) = proposal.state {
      return freeze(on: proposal.revision, circumstances)?.number != number
    }
    return proposal.alarm.map { $0 <= circumstances.now } ?? false
  }

  private func elapsed(_ proposal: FlagProposal, _ circumstances: FlagCircumstances) -> [FlagFact] {
    guard proposal.state != .open else { return [.proposal(proposal.with(.expired))] }
    do throws(Refusal) {
      try mustStillBeAllowed(proposal, circumstances)
      return try apply(proposal, circumstances)
    } catch {
      return [.proposal(proposal.with(.void(because: error.description)))]
    }
  }

  private func mustStillBeAllowed(
    _ proposal: FlagProposal, _ circumstances: FlagCircumstances
  ) throws(Refusal) {
    let environment = try circumstances.environment(of: proposal.revision.name)
    guard circumstances.holds(proposal.requester, environment.change) else {
      throw Refusal("\(proposal.requester.name) may no longer change flags in \(environment.name)")
    }
    for approval in proposal.approvals where !circumstances.holds(approval.by, environment.approve) {
      throw Refusal("\(approval.by.name), who approved it, may no longer approve changes in \(environment.name)")
    }
  }
}

extension FlagProposal {
  func with(_ state: State) -> FlagProposal {
    var changed = self
    changed.state = state
    return changed
  }

  /// What the flag becomes of it.
  fileprivate var outcome: FlagRevision {
    var outcome = revision
    outcome.asked = FlagRevision.Asked(id, by: requester, reason: reason)
    return outcome
  }

  /// Whether it has neither happened nor ended.
  package var waits: Bool {
    switch state {
    case .open, .scheduled, .held: true
    case .applied, .brokeGlass, .reviewed, .rejected, .expired, .void: false
    }
  }
}

extension FlagRevision {
  fileprivate var withoutApprovals: FlagRevision {
    var bare = self
    bare.contract.approvals = []
    return bare
  }
}
