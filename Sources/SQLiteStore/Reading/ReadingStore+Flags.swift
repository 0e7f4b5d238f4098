package import Controller
package import Engine
package import PipelineModel

extension ReadingStore {
  /// Every flag as it is, archived ones too, in the order of their names.
  ///
  /// - Parameter environment: `nil`: of all environments.
  package func flags(environment: String? = nil) throws(JournalFailure) -> [RecordedRevision] {
    try read { try $0.flags(in: environment) }
  }

  /// What a ledger is made of.
  package func flagRecords() throws(JournalFailure) -> FlagRecords { try read { try $0.flagRecords() } }

  /// A flag as it is or, with an instant, as it was then; `nil`: there was none.
  package func flag(_ name: FlagName, at instant: Timestamp? = nil) throws(JournalFailure) -> RecordedRevision? {
    try read { try $0.flag(name, at: instant, archive: folder($0)) }
  }

  package func flag(_ name: FlagName, revision: Int64) throws(JournalFailure) -> RecordedRevision? {
    try read { try $0.revision(revision, of: name, archive: folder($0)) }
  }

  /// Every revision of a flag, the oldest first.
  package func history(of name: FlagName) throws(JournalFailure) -> FlagPast {
    try read { try $0.history(of: name, archive: folder($0)) }
  }

  /// When a flag's first revision came; `nil`: there never was such a flag.
  package func creation(of name: FlagName) throws(JournalFailure) -> Timestamp? {
    try read { try $0.creation(of: name) }
  }

  /// Flags that changed after an entry, as they are now, the oldest change first.
  package func flagsChanged(since sequence: Int64) throws(JournalFailure) -> [RecordedRevision] {
    try read { try $0.flags(since: sequence) }
  }

  /// Changes that wait, in the order they were asked for; or all there ever were.
  package func proposals(all: Bool = false) throws(JournalFailure) -> [FlagProposal] {
    try read { try $0.proposals(pending: !all, archive: folder($0)).map(\.proposal) }
  }

  package func proposal(_ id: Int64) throws(JournalFailure) -> FlagProposal? {
    try read { try $0.proposal(id, archive: folder($0)) }
  }
}
