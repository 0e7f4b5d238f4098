import Controller
import Engine
import Flags
import Foundation
import PipelineModel
import PipelineSyntax
import Proofs
import SQLiteStore

/// What the verbs of flags work at: a store, the rules of the installation, and the way to ask for something.
struct FlagDesk {
  let access: StoreAccess
  let rules: HouseRules
  var policy: FlagPolicy { rules.flags }

  init(_ store: StoreOptions) throws {
    let found = try Loader(warns: false).installation(store, .readable)
    access = try StoreAccess(store, installation: found)
    rules = HouseRules(found?.0)
  }

  /// The environment that is meant.
  func environment(_ given: String?) throws -> String {
    let known = policy.environments.map(\.name)
    let variable = ProcessInfo.processInfo.environment["HEADGATE_ENVIRONMENT"].flatMap { $0.isEmpty ? nil : $0 }
    guard let name = given ?? variable ?? (known.count == 1 ? known[0] : nil) else {
      let choices = known.isEmpty ? "" : "; headgate.yaml has \(known.joined(separator: ", "))"
      throw Stop(code: .wrongUsage, description: "say which environment: --environment staging\(choices)")
    }
    guard known.isEmpty || known.contains(name) else {
      throw Stop(
        code: .wrongUsage,
        description: "there is no environment \(name); `flags:` of headgate.yaml has \(known.joined(separator: ", "))")
    }
    return name
  }

  func name(_ subject: FlagSubject) throws -> FlagName {
    FlagName(environment: try environment(subject.place.environment), key: subject.key)
  }

  // MARK: Looking

  /// `nil`: there is no store yet.
  func reading() throws -> ReadingStore? {
    FileManager.default.fileExists(atPath: access.path) ? try access.reading() : nil
  }

  /// A flag that must be there, as it is or as it was.
  func existing(_ name: FlagName, at instant: Timestamp? = nil) throws -> RecordedRevision {
    let store = try access.reading()
    if let found = try store.flag(name, at: instant) { return found }
    try mustNotBeMistyped(name)
    let others = try store.flags().filter { $0.revision.name.key == name.key }.map(\.revision.name.environment)
    let elsewhere =
      others.isEmpty ? "; see `headgate flag list`" : "; there is one in \(others.joined(separator: ", "))"
    throw Stop.unknown("there is no flag \(name)\(instant.map { " at \($0.rfc3339)" } ?? "")\(elsewhere)")
  }

  /// Where there is no flag of a name, and one that is spelt alike: nobody asks for what he does not mean. That there is
  /// none is for whoever is asked to say.
  func mustNotBeMistyped(_ name: FlagName) throws {
    guard let flags = try reading()?.flags(environment: name.environment),
      !flags.contains(where: { $0.revision.name == name })
    else { return }
    let keys = flags.filter { !$0.revision.isArchived }.map(\.revision.name.key)
    guard let near = nearMiss(of: name.key, among: keys) else { return }
    throw Stop.unknown("there is no flag \(name); did you mean \(near)?")
  }

  /// What would come of an act, as far as can be told from here; `nil`: it would be refused, or nobody can tell.
  func preview(_ act: FlagAct, by identity: IdentityOptions) -> (ledger: FlagLedger, facts: [FlagFact])? {
    try? FlagForesight(store: try? reading(), rules: rules).decide(act, by: identity.principal, identity.reason)
  }

  // MARK: Asking

  /// Asks whoever drives the store; when nobody does, this process does it for one turn.
  ///
  /// - Returns: the entries it led to, oldest first.
  func ask(_ act: FlagAct, by identity: IdentityOptions) throws -> [Entry] {
    let answer = try Door(access: access, identity: identity, rules: rules).ask(.flag(act))
    guard let last = answer.entry else { return [] }
    let store = try access.reading()
    return try (min(answer.firstEntry ?? last, last)...last).compactMap { try store.entry($0) }
  }
}
