package import Engine
import Flags
package import PipelineModel

/// Makes a sentence of an entry about flags.
package enum FlagTeller {
  /// `nil` of an entry about anything else.
  package static func sentence(of entry: Entry) -> Sentence? {
    guard case .flag(let fact) = entry.fact else { return nil }
    switch fact {
    case .revised(let revision):
      return Sentence(time: entry.time, tone: revision.change.tone, text: text(of: revision, entry))
    case .proposal(let proposal):
      // That another change came first is nobody's reason.
      let because = proposal.state.isVoid ? "" : because(entry.reason)
      return Sentence(
        time: entry.time, tone: proposal.state.tone,
        text: "proposal \(proposal.id), \(proposal.revision.name) to be \(proposal.revision.change.phrase): "
          + "\(proposal.state.phrase(of: proposal, by: entry.actor))\(because)")
    case .refused(let act, let why):
      return Sentence(
        time: entry.time, tone: .warning,
        text: "\(entry.actor.phrase) asked to \(act.phrase), which was refused: \(why)")
    case .stepRefused(let name, let step, let why):
      return Sentence(
        time: entry.time, tone: .warning,
        text: "run \(step.run) could not give \(step.variant) to \(step.share) in \(name): \(why)")
    }
  }

  /// Who wanted it, who agreed, and why: of a change that waited, those who asked for it, whoever's act it followed.
  private static func text(of revision: FlagRevision, _ entry: Entry) -> String {
    let approvals = revision.contract.approvals.map(\.by.phrase)
    let approved = approvals.isEmpty ? "" : ", approved by \(approvals.joined(separator: " and "))"
    let proposed = revision.asked.map { " of proposal \($0.proposal)" } ?? ""
    return "\(revision.name) was \(revision.change.phrase) by \(revision.author(entry.actor))\(approved)"
      + "\(because(revision.reason(ofAct: entry.reason))): revision \(revision.number)\(proposed)"
  }

  private static func because(_ reason: String?) -> String { reason.map { " (reason: \($0))" } ?? "" }
}

extension FlagRevision {
  /// Who wanted it: who asked for it before, or the run whose step it is, or else whoever's act it was.
  package func author(_ actor: Principal) -> String {
    asked?.by.phrase ?? change.run.map { "run \($0)" } ?? actor.phrase
  }
}

extension FlagStep {
  /// `5%`, `0.1%`.
  package var share: String {
    let (whole, rest) = weight.quotientAndRemainder(dividingBy: 1000)
    guard rest > 0 else { return "\(whole)%" }
    var digits = String(String(1000 + rest).dropFirst())
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)%"
  }
}

extension FlagChange {
  /// After "was", or "to be".
  package var phrase: String {
    switch self {
    case .created: "created"
    case .changed: "changed"
    case .turnedOn: "turned on"
    case .turnedOff: "turned off"
    case .archived: "archived"
    case .imported: "imported"
    case .killed: "killed"
    case .reverted(let number): "reverted to revision \(number)"
    case .stepped(let step) where step.latches: "taken back to \(step.share) of \(step.variant) and latched"
    case .stepped(let step): "set to \(step.share) of \(step.variant)"
    case .switchedOff(let run, _): "switched off in place of rolling back run \(run)"
    }
  }

  /// The run whose step it is.
  fileprivate var run: RunID? { if case .stepped(let step) = self { step.run } else { nil } }

  fileprivate var tone: Sentence.Tone {
    switch self {
    case .created, .changed, .turnedOff, .archived, .imported: .plain
    case .turnedOn: .good
    case .killed, .switchedOff: .bad
    case .reverted: .warning
    case .stepped(let step): step.latches ? .bad : .plain
    }
  }
}

extension FlagProposal.State {
  /// As programs know it.
  package var word: String {
    switch self {
    case .open: "open"
    case .scheduled: "scheduled"
    case .held: "held"
    case .applied: "applied"
    case .brokeGlass: "brokeGlass"
    case .reviewed: "reviewed"
    case .rejected: "rejected"
    case .expired: "expired"
    case .void: "void"
    }
  }

  package func phrase(of proposal: FlagProposal, by actor: Principal) -> String {
    let (have, need) = (proposal.approvals.count, proposal.approvalsNeeded)
    return switch self {
    case .open where have == 0:
      "asked for by \(proposal.requester.phrase), needs \(need) \(need == 1 ? "approval" : "approvals") "
        + "by \(proposal.expires.rfc3339)"
    case .open: "\(proposal.consent), \(have) of \(need)"
    case .scheduled: "\(proposal.origin), will happen at \(proposal.due?.rfc3339 ?? "its time")"
    case .held(let freeze): "\(proposal.origin), held by freeze \(freeze)"
    case .applied: "\(proposal.origin), happened"
    case .brokeGlass:
      "done at once by \(proposal.requester.phrase), past \(need > 0 ? "\(need) approvals" : "a freeze"); to be reviewed"
    case .reviewed(let by): "reviewed by \(by.phrase)"
    case .rejected(let by): "rejected by \(by.phrase)"
    case .expired: "nobody approved it in time"
    case .void(let why): "void: \(why)"
    }
  }

  fileprivate var isVoid: Bool { if case .void = self { true } else { false } }

  fileprivate var tone: Sentence.Tone {
    switch self {
    case .open, .scheduled, .held, .applied, .reviewed: .plain
    case .brokeGlass, .rejected, .expired, .void: .warning
    }
  }
}

extension FlagAct {
  /// After "to".
  package var phrase: String {
    switch self {
    case .wish(let wish): wish.phrase
    case .wishes(let wishes): wishes.count == 1 ? wishes[0].phrase : "change \(wishes.count) flags"
    case .approve(let id, _): "approve proposal \(id)"
    case .reject(let id): "reject proposal \(id)"
    case .amend(let id, _): "edit proposal \(id)"
    }
  }
}

extension FlagWish {
  fileprivate var phrase: String {
    switch deed {
    case .create: "create \(name)"
    case .set: "change \(name)"
    case .import: "import \(name)"
    case .turnOn: "turn on \(name)"
    case .turnOff: "turn off \(name)"
    case .kill: "kill \(name)"
    case .revert(let number): "revert \(name) to revision \(number)"
    case .archive: "archive \(name)"
    }
  }
}

extension FlagProposal {
  fileprivate var consent: String { "approved by \(approvals.map(\.by.phrase).joined(separator: " and "))" }

  /// Who asked for it, and who agreed.
  fileprivate var origin: String {
    "asked for by \(requester.phrase)" + (approvals.isEmpty ? "" : ", \(consent)")
  }
}
