import Engine
import Flags
import PipelineModel

extension Arbitrary {
  mutating func flagName() -> FlagName { FlagName(environment: text(), key: text()) }

  mutating func revision() -> FlagRevision {
    FlagRevision(
      name: flagName(), number: integer(), change: change(), definition: text(), contract: contract(),
      generation: pick(Generation.allCases), isLatched: chance(), isArchived: chance(),
      asked: chance() ? .init(integer(), by: principal(), reason: chance() ? text() : nil) : nil)
  }

  mutating func change() -> FlagChange {
    switch below(10) {
    case 0: .created
    case 1: .changed
    case 2: .turnedOn
    case 3: .turnedOff
    case 4: .archived
    case 5: .imported
    case 6: .killed
    case 7: .reverted(to: integer())
    case 8: .stepped(step())
    default: .switchedOff(run: run(), effect: effect())
    }
  }

  mutating func step() -> FlagStep {
    FlagStep(
      run: run(), effect: effect(), variant: text(), against: chance() ? text() : nil, weight: Int(integer()),
      latches: chance())
  }

  /// Of a draft: its revision is of no account.
  mutating func contract() -> FlagContract {
    FlagContract(
      owner: chance() ? text() : nil, purpose: chance() ? text() : nil, expires: chance() ? time() : nil,
      endState: chance() ? text() : nil, services: list(upTo: 3) { $0.text() }, rollout: chance() ? run() : nil,
      approvals: list(upTo: 2) { .init(by: $0.principal(), at: $0.time(), proposal: $0.text()) })
  }

  mutating func proposal() -> FlagProposal {
    FlagProposal(
      id: integer(), revision: revision(), requester: principal(), requestedAt: time(), reason: chance() ? text() : nil,
      expires: time(), approvalsNeeded: Int(integer()), due: chance() ? time() : nil,
      movers: chance() ? .init(moved: below(9), of: below(9), isUnclear: chance()) : nil, state: proposalState())
  }

  mutating func proposalState() -> FlagProposal.State {
    switch below(9) {
    case 0: .open
    case 1: .scheduled
    case 7: .held(by: integer())
    case 2: .applied
    case 3: .brokeGlass
    case 4: .reviewed(by: principal())
    case 5: .rejected(by: principal())
    case 6: .expired
    default: .void(because: text())
    }
  }

  mutating func flagAct() -> FlagAct {
    switch below(5) {
    case 0: .wish(wish())
    case 1: .wishes(list(upTo: 3) { $0.wish() })
    case 2: .approve(integer(), hash: text())
    case 3: .reject(integer())
    default: .amend(integer(), draft())
    }
  }

  mutating func wish() -> FlagWish {
    FlagWish(
      flagName(), deed(), ifRevision: chance() ? integer() : nil, at: chance() ? time() : nil, onlyProposes: chance(),
      breaksGlass: chance())
  }

  mutating func deed() -> FlagDeed {
    switch below(8) {
    case 0: .create(draft())
    case 1: .set(draft())
    case 2: .import(draft())
    case 3: .turnOn(variant: chance() ? text() : nil)
    case 4: .turnOff
    case 5: .kill
    case 6: .revert(to: integer())
    default: .archive
    }
  }

  mutating func draft() -> FlagDraft {
    FlagDraft(
      definition: text(), contract: contract(), generation: chance() ? pick(Generation.allCases) : nil)
  }
}
