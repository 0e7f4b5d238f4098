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
    let asking = try asking()
    // Nothing is left in a store that cannot be driven.
    var store = asking.isDriven ? nil : try drive()
    let left = try asking.put(ask)
    let deadline = ContinuousClock.now + Self.patience
    repeat {
      // Whoever drives may be such a command too, which leaves without a look at what others ask for.
      if store == nil, !asking.isDriven { store = try drive() }
      guard let driven = store else { continue }
      defer { driven.close() }
      try turn(driven, left.number)
      store = nil
    } while try !asking.isAnswered(left, until: deadline) && ContinuousClock.now < deadline
    return try asking.answer(to: left, patience: .zero)
  }

  /// For whoever drives the store to answer.
  private static let patience = Duration.seconds(10)

  /// `nil`: somebody else has begun to drive it meanwhile.
  private func drive() throws -> DrivingStore? {
    do {
      return try Store.openForDriving(access.path, for: access.purpose ?? .real, briefly: true)
    } catch {
      if error.kind == .held { return nil }
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

  /// The store, which is made where there is none, or one that was begun and not finished. Another command may be about to
  /// make it.
  private func asking() throws -> Asking {
    if FileManager.default.fileExists(atPath: access.path), let asking = try? Asking(access, identity) { return asking }
    try drive()?.close()
    return try Asking(access, identity)
  }
}

/// What concerns no run asks for no effect.
private final class NothingToDo: EffectSink {
  func perform(_ orders: [WorkOrder]) {}
  func readBack(_ run: RunID, plan: Plan, start: Start, route: Int, state: RouteState) {}
  func forgetStrays(where isStray: (String) -> Bool) {}
  func sweep() {}
}
