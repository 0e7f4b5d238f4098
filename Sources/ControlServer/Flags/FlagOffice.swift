package import ControlAPI
package import Engine
package import PipelineModel

/// Where flags are kept: looked at, and changed by request, as on the command line.
package protocol FlagOffice: Sendable {
  /// As they are, archived ones left out, in the order of their keys; without their definitions.
  func flags(in environment: String) async throws -> [FlagSummary]
  /// `nil`: there never was one.
  func flag(_ name: FlagName) async throws -> FlagSummary?
  /// Every revision, the oldest first. Where the installation wants it on record who reads the past, it is before this
  /// returns.
  ///
  /// - Throws: `Problem`: `unavailable` when some lie in an archive that is not at hand, or nobody takes the record down.
  func history(of name: FlagName, for caller: Principal, origin: String) async throws -> [FlagSummary]
  /// Those that wait, or all there ever were, in the order they were made.
  func proposals(all: Bool) async throws -> [ProposalSummary]
  /// `nil`: there never was one.
  func proposal(_ number: Int64) async throws -> ProposalSummary?
  /// Puts a request into the store and waits for what becomes of it.
  ///
  /// - Throws: `Problem`: `conflict` with the refusal, `unavailable` when nobody answers; then the request stays in the
  ///   store.
  func ask(_ act: FlagAct, by caller: Principal, origin: String, reason: String?) async throws -> FlagAnswer
}
