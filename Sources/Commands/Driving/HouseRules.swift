import PipelineModel

/// Who may do what in an installation: what a controller goes by beside the journal.
struct HouseRules: Sendable {
  /// The roles that somebody holds.
  var roles: @Sendable (Principal) -> [String]
  var flags: FlagPolicy
  var people: PeoplePolicy
  var freezes: FreezePolicy
  /// Environments whose flags are written to a file: whoever reads it is counted by nobody.
  var filed: Set<String>

  /// - Parameter installation: `nil`: there is none, so nobody holds a role and nobody acts for others.
  init(_ installation: Installation?) {
    let held = installation?.roles ?? []
    // A token that acts in nobody's name has the roles that are given to it as `token:name`, and nobody else's.
    roles = { principal in
      let member = principal.kind == .person ? principal.name : principal.description
      return held.filter { $0.members.contains(member) }.map(\.name)
    }
    flags = installation?.flags ?? FlagPolicy()
    people = installation?.people ?? PeoplePolicy()
    freezes = installation?.freezes ?? FreezePolicy()
    filed = Set(installation?.serve.files.map(\.environment) ?? [])
  }

  /// The same where everybody plays every part.
  ///
  /// - Parameter parts: the roles that are asked for.
  func rehearsed(_ parts: [String] = []) -> HouseRules {
    var rules = self
    rules.roles = { _ in parts }
    rules.people = PeoplePolicy(actingFor: .anybody)
    return rules
  }
}
