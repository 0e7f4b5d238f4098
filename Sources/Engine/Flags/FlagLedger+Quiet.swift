import Flags
import PipelineModel

extension FlagLedger {
  /// How long nobody may have asked for a flag that is put away, or it must have been off where it is given out with all
  /// others.
  private static let quiet = Interval.hours(24)

  /// Whether a flag may be put away: a program that still asks for it would get its own default from one moment to the
  /// next, and nobody would have been told.
  ///
  /// Whoever gets all flags at once gets those too that no program looks at, so that alone is no use of this one. But what
  /// it does to such programs is seen only where it has been off for a while, or always: then they have had their own
  /// default, and putting it away changes nothing for them.
  func mustBeQuiet(_ head: FlagRevision, breaksGlass: Bool, _ circumstances: FlagCircumstances) throws(Refusal) {
    guard let obstacle = try obstacle(to: head, circumstances) else { return }
    guard breaksGlass else { throw obstacle }
    if circumstances.hasReason { return }
    throw Refusal(
      "breaking the glass needs a reason: say with --reason why \(head.name) is put away while it is asked for")
  }

  private func obstacle(to head: FlagRevision, _ circumstances: FlagCircumstances) throws(Refusal) -> Refusal? {
    let use = circumstances.lastUse(head.name)
    if let last = use.alone, circumstances.now - last < Self.quiet {
      return Refusal(
        "applications still ask for \(head.name), last at \(last.rfc3339): take it out of their code first. A flag is "
          + "archived when nobody has asked for it for \(Self.quiet)")
    }
    guard let last = use.withOthers, circumstances.now - last < Self.quiet else { return nil }
    if try hasBeenOff(head, circumstances) { return nil }
    return Refusal(
      "applications get \(head.name) with all other flags, last at \(last.rfc3339), and nobody can tell whether they look "
        + "at it: turn it off with `headgate flag off \(head.name.key)`, and archive it when it has been off for "
        + "\(Self.quiet)")
  }

  /// For long enough, or ever since it was made.
  private func hasBeenOff(_ head: FlagRevision, _ circumstances: FlagCircumstances) throws(Refusal) -> Bool {
    guard try head.parsed().state == .disabled else { return false }
    if head.number == 1 { return true }
    return circumstances.unchangedSince(head.name).map { circumstances.now - $0 >= Self.quiet } ?? false
  }
}
