import Engine
import GRDB
import PipelineModel

/// Keeps the tables of flags.
struct FlagStatements {
  private let putHead: Prepared
  private let addRevision: Prepared
  private let putProposal: Prepared

  init(_ db: Database) throws {
    putHead = try Prepared(db, "INSERT OR REPLACE INTO flags VALUES (?1, ?2, ?3, ?4)")
    addRevision = try Prepared(db, "INSERT INTO flag_revisions VALUES (?1, ?2, ?3, ?4, ?5)")
    putProposal = try Prepared(db, "INSERT OR REPLACE INTO flag_proposals VALUES (?1, ?2, ?3, ?4, ?5)")
  }

  func note(_ fact: FlagFact, of entry: Entry) throws {
    switch fact {
    case .revised(let revision):
      for statement in [putHead, addRevision] {
        statement.bind(1, copying: revision.name.environment)
        statement.bind(2, copying: revision.name.key)
        statement.bind(3, revision.number)
        statement.bind(4, entry.sequence)
      }
      addRevision.bind(5, entry.time.milliseconds)
      try putHead.run()
      try addRevision.run()
    case .proposal(let proposal):
      putProposal.bind(1, proposal.id)
      putProposal.bind(2, copying: proposal.revision.name.environment)
      putProposal.bind(3, copying: proposal.revision.name.key)
      putProposal.bind(4, entry.sequence)
      putProposal.bind(5, proposal.isPending ? 1 : 0)
      try putProposal.run()
    case .refused, .stepRefused: break
    }
  }
}
