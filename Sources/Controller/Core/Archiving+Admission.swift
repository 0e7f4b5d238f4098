package import Engine
package import PipelineModel

extension AuditPolicy.Archiving {
  /// Somebody who wants to move entries into an archive.
  package struct Wish {
    package var by: Principal
    /// Roles that are held.
    package var roles: [String]
    package var hasReason: Bool
    package var breaksGlass: Bool

    package init(by: Principal, roles: [String], hasReason: Bool, breaksGlass: Bool) {
      self.by = by
      self.roles = roles
      self.hasReason = hasReason
      self.breaksGlass = breaksGlass
    }
  }

  /// Whether entries may go of which the newest has a number and a time.
  ///
  /// - Returns: whether they do only because somebody who may do that insists.
  package func admits(
    _ wish: Wish, through last: Int64, of time: Timestamp, now: Timestamp
  ) throws(Refusal) -> Bool {
    if now - time >= least {
      try mustHold(roles, wish, to: "move entries into an archive")
      return false
    }
    guard wish.breaksGlass else {
      throw Refusal(
        "entry \(last) is of \(time.rfc3339), and entries stay in the store for \(least) (`audit: { archive: { least: … "
          + "} }` of headgate.yaml); nothing was moved. Archive older ones, or say --break-glass with a --reason")
    }
    try mustHold(breakGlass, wish, to: "move entries as young as these into an archive")
    guard wish.hasReason else {
      throw Refusal("to move entries as young as these needs a reason, which stays on record: say why with --reason")
    }
    return true
  }

  private func mustHold(_ wanted: [String], _ wish: Wish, to act: String) throws(Refusal) {
    if wanted.isEmpty || wish.roles.contains(where: wanted.contains) { return }
    throw Refusal(
      "\(wish.by.name) may not \(act): none of the roles asked for is held, \(wanted.joined(separator: ", "))")
  }
}
