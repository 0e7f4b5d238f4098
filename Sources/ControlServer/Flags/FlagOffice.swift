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
  /// What would become of a request, as far as can be told beforehand. Nothing is written, not even that somebody asked.
  ///
  /// - Throws: `Problem`: `conflict` with the refusal there would be.
  func preview(_ act: FlagAct, by caller: Principal, reason: String?) async throws -> FlagPreview
  /// Puts a request into the store and waits for what becomes of it. On return what is served is at least as young. Where
  /// it was so already, the answer has the flags as they are.
  ///
  /// - Throws: `Problem`: `conflict` with the refusal, `unavailable` when nobody answers; then the request stays in the
  ///   store.
  func ask(_ act: FlagAct, by caller: Principal, origin: String, reason: String?) async throws -> FlagAnswer
}
