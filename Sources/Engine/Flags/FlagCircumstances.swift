package import PipelineModel

/// When applications were last given a flag.
package struct FlagUse: Hashable, Sendable {
  /// Asked for alone, where a program needs it; `nil`: never, or nobody has counted.
  package var alone: Timestamp?
  /// Given out with all others, be it evaluated or as a definition; whether a program looks at it nobody can tell.
  package var withOthers: Timestamp?

  package init(alone: Timestamp? = nil, withOthers: Timestamp? = nil) {
    self.alone = alone
    self.withOthers = withOthers
  }
}

/// What a decision about flags goes by, beside the flags themselves.
package struct FlagCircumstances {
  /// Who asks.
  package var by: Principal
  package var reason: String?
  package var now: Timestamp
  package var policy: FlagPolicy
  /// Roles a person holds in this installation.
  package var roles: (Principal) -> [String]
  /// An earlier revision of a flag; `nil`: there was none of that number. Throws where it is not at hand.
  package var past: (FlagName, Int64) throws(Refusal) -> FlagRevision?
  /// The run that ramps a flag now.
  package var ramping: (FlagName) -> RunID?
  /// When applications were last given a flag, as far as somebody counts.
  package var lastUse: (FlagName) -> FlagUse
  /// When a flag became what it is; `nil`: there is none, or nobody can tell.
  package var unchangedSince: (FlagName) -> Timestamp?
  /// The freeze that holds changes now of a flag in this environment that these services read.
  package var freeze: (_ services: [String], _ environment: String) -> Freeze?
  /// Of what an approval is bound to: `sha256:` and 64 digits. Passed in, since the engine knows no cryptography.
  package var digest: (String) -> String

  package init(
    by: Principal = .controller, reason: String? = nil, now: Timestamp, policy: FlagPolicy,
    digest: @escaping (String) -> String,
    roles: @escaping (Principal) -> [String] = { _ in [] },
    past: @escaping (FlagName, Int64) throws(Refusal) -> FlagRevision? = { _, _ in nil },
    ramping: @escaping (FlagName) -> RunID? = { _ in nil },
    lastUse: @escaping (FlagName) -> FlagUse = { _ in FlagUse() },
    unchangedSince: @escaping (FlagName) -> Timestamp? = { _ in nil },
    freeze: @escaping (_ services: [String], _ environment: String) -> Freeze? = { _, _ in nil }
  ) {
    self.by = by
    self.reason = reason
    self.now = now
    self.policy = policy
    self.roles = roles
    self.past = past
    self.ramping = ramping
    self.lastUse = lastUse
    self.unchangedSince = unchangedSince
    self.freeze = freeze
    self.digest = digest
  }

  var hasReason: Bool { reason?.contains { !$0.isWhitespace } ?? false }

  func environment(of name: FlagName) throws(Refusal) -> FlagPolicy.Environment {
    if let environment = policy.environment(name.environment) { return environment }
    let known = policy.environments.map(\.name).joined(separator: ", ")
    throw Refusal("there is no environment \(name.environment); `flags:` of headgate.yaml has \(known)")
  }

  /// Whether somebody may do what these roles may; no roles: everybody may.
  func holds(_ principal: Principal, _ wanted: [String]) -> Bool {
    wanted.isEmpty || roles(principal).contains(where: wanted.contains)
  }

  func mustHold(_ wanted: [String], to verb: String, in environment: FlagPolicy.Environment) throws(Refusal) {
    guard !holds(by, wanted) else { return }
    throw Refusal(
      "\(by.name) may not \(verb) flags in \(environment.name): none of the roles asked for is held, "
        + wanted.joined(separator: ", "))
  }
}
