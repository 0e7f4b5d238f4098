import Controller
import Engine
import Foundation
import Logging
import PipelineModel
import SQLiteStore

/// The one door for what concerns no run: whoever drives the store decides; when nobody does, this process drives it for
/// just this one request. Runs in flight are left as they are then, for the next one who drives.
struct Door {
  let access: StoreAccess
  let identity: IdentityOptions
  /// `nil`: those of the installation that the store is of.
  var rules: HouseRules?

  /// - Throws: `Stop` 1 when it was refused, 2 when nobody answered.
  func ask(_ ask: Request.Ask) throws -> Batch.Answered {
    try makeStoreIfMissing()
    let asking = try access.asking()
    guard asking.driver == nil, let store = try drive() else {
      return try Asking(access, identity).answer(to: ask)
    }
    defer { store.close() }
    let number = try access.explained { () throws(JournalFailure) in
      try asking.make(
        Request(
          time: .wall, actor: identity.principal, origin: identity.origin, reason: identity.reason, ask: ask))
    }
    try turn(store, number)
    guard let answer = try access.explained({ () throws(JournalFailure) in try asking.answer(to: number) }) else {
      throw Stop.unknown("the request was not answered; it stays in the store, and is done by whoever drives it next")
    }
    if let refusal = answer.refusal { throw Stop.negative(refusal) }
    return answer
  }

  /// `nil`: somebody else has begun to drive it meanwhile.
  private func drive() throws -> DrivingStore? {
    do {
      return try Store.openForDriving(access.path, for: access.purpose ?? .real)
    } catch {
      if Driver(of: access.path) != nil { return nil }
      throw Stop.unknown(error.description)
    }
  }

  private func turn(_ store: DrivingStore, _ number: Int64) throws {
    do {
      let rules = try rules ?? access.rules()
      let conductor = try Conductor(
        journal: store, compiler: SyntaxCompiler(), sink: NothingToDo(), log: Logger(label: "headgate"),
        roles: rules.roles, flags: rules.flags, people: rules.people, freezes: rules.freezes,
        archiving: access.past.policy)
      store.archive = access.past.folder
      conductor.lastUse = EvaluationStore.lastUses(besides: access.path, rules)
      let mine = try store.requests().filter { $0.id == number }
      try conductor.turn(mine.map(Inbound.request), now: .wall)
      signOff(store, conductor)
    } catch {
      throw Stop.unknown("\(error)")
    }
  }

  /// What was asked for has been done, whether or not it can be signed for.
  private func signOff(_ store: DrivingStore, _ conductor: Conductor) {
    do {
      guard access.purpose != .rehearsal, let signatory = try access.signatory() else { return }
      try SigningOff(signatory: signatory).sign(for: store, conductor)
    } catch {
      Console.error("nobody has signed for it: \(error)")
    }
  }

  private func makeStoreIfMissing() throws {
    guard !FileManager.default.fileExists(atPath: access.path) else { return }
    try access.explained { () throws(JournalFailure) in try Store.openForDriving(access.path).close() }
  }
}

/// What concerns no run asks for no effect.
private final class NothingToDo: EffectSink {
  func perform(_ orders: [WorkOrder]) {}
  func readBack(_ run: RunID, plan: Plan, start: Start, route: Int, state: RouteState) {}
  func forgetStrays(where isStray: (String) -> Bool) {}
  func sweep() {}
}
