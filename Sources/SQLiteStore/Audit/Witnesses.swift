import Controller
import Engine
import GRDB
import PipelineModel
import Proofs

/// Checkpoints that a journal is held against: those that somebody kept, and those that the journal itself has.
struct Witnesses {
  private struct Witness {
    var checkpoint: SignedCheckpoint
    /// Where it was found, in words.
    var place: String
    /// Whether it was brought from elsewhere: then one of the keys must have signed it.
    var isGiven: Bool
  }

  private let given: [Witness]
  /// By size.
  private let recorded: [Int64: CheckpointRow]
  private let verifiers: [NoteVerifier]
  /// At which sizes the tree is wanted, rising.
  let sizes: [Int64]
  /// How far the table of subtrees goes.
  private let inTable: Int64

  init(_ db: Database, _ evidence: Audit.Evidence, _ extent: JournalExtent) throws {
    given = evidence.checkpoints.map {
      Witness(checkpoint: $0.checkpoint, place: "\($0.file), line \($0.checkpoint.line)", isGiven: true)
    }
    recorded = try db.recordedCheckpoints()
    verifiers = evidence.verifiers
    inTable = try db.leavesInTable()
    let wanted = given.map(\.checkpoint.checkpoint.size) + recorded.keys + [inTable]
    sizes = Set(wanted.filter { 0 < $0 && $0 <= extent.last }).sorted()
  }

  private struct State: Equatable {
    var root: TreeHash
    var chain: [UInt8]
  }

  /// - Parameter trees: of the journal, from left to right; where it begins in an archive, the table has what is before.
  func heard(
    _ db: Database, _ extent: JournalExtent, _ trees: [GrownTree], _ audits: AuditsInJournal
  ) throws -> (CheckpointTally, AuditFinding?) {
    var tally = CheckpointTally()
    let states = try states(db, extent, trees)
    if let finding = try finding(of: audits, since: extent.meaning.start) ?? tableFinding(db, extent, states) {
      return (tally, finding)
    }
    var holds: Int64 = 0
    for witness in try witnesses() {
      let size = witness.checkpoint.checkpoint.size
      let isSigned: Bool
      switch signature(of: witness) {
      case .failure(let mistake):
        return (tally, AuditFinding(size, .checkpoint(place: witness.place, what: mistake.description)))
      case .success(let signed): isSigned = signed
      }
      if let store = witness.checkpoint.checkpoint.store, store != extent.store {
        let what = "it is a checkpoint of the store \(store), and this is the store \(extent.store)"
        return (tally, AuditFinding(size, .checkpoint(place: witness.place, what: what)))
      }
      if size > extent.last {
        let kind = AuditFinding.Kind.cutOffBefore(checkpoint: size, place: witness.place, last: extent.last)
        return (tally, AuditFinding(extent.last + 1, kind))
      }
      guard let state = size == 0 ? State(root: .empty, chain: [UInt8](repeating: 0, count: 32)) : states[size] else {
        tally.tooOld += 1
        continue
      }
      let said = witness.checkpoint.checkpoint
      guard said.root == state.root, said.chain ?? state.chain == state.chain else {
        return (tally, AuditFinding(size, .signedFor(place: witness.place, holds: holds)))
      }
      holds = size
      tally.hold += 1
      if isSigned {
        tally.signed += 1
        tally.provenThrough = size
      }
    }
    return (tally, nil)
  }

  private func signature(of witness: Witness) -> Result<Bool, NoteMistake> {
    if verifiers.isEmpty { return .success(false) }
    let note = witness.checkpoint.note
    if verifiers.contains(where: { $0.verifies(note) }) { return .success(true) }
    let claims = note.signatures.contains { signature in
      verifiers.contains { $0.hint == signature.hint && $0.name == signature.name }
    }
    if claims { return .failure(NoteMistake("its signature is wrong: it is not what the key signed")) }
    // The journal may have checkpoints by a key that was used before.
    return witness.isGiven ? .failure(NoteMistake("it is not signed by a key that was given")) : .success(false)
  }

  private func witnesses() throws -> [Witness] {
    let own = try recorded.values.sorted { $0.sequence < $1.sequence }.map { row in
      let place = "the checkpoint in entry \(row.sequence)"
      guard let checkpoint = try? SignedCheckpoint(row.signed) else {
        throw unreadable("checkpoints", "\(row.size) entries")
      }
      return Witness(checkpoint: checkpoint, place: place, isGiven: false)
    }
    return (given + own).sorted { $0.checkpoint.checkpoint.size < $1.checkpoint.checkpoint.size }
  }

  // MARK: What the journal says

  private func states(_ db: Database, _ extent: JournalExtent, _ trees: [GrownTree]) throws -> [Int64: State] {
    var states: [Int64: State] = [:]
    var forest = Forest()
    if let first = trees.first, first.piece.start > 0 {
      forest = try StoredTree(db, EntrySource(db)).forest(first.piece.start)
      states[forest.end] = State(root: forest.root, chain: extent.start.hash.withUnsafeBytes { Array($0) })
    }
    for tree in trees {
      for moment in tree.moments {
        var whole = forest
        whole.append(moment.piece)
        states[moment.size] = State(root: whole.root, chain: moment.chain.withUnsafeBytes { Array($0) })
      }
      forest.append(tree.piece)
    }
    return states
  }

  /// Whether the table of checkpoints says what the journal says.
  ///
  /// - Parameter start: entries up to here are not known.
  private func finding(of audits: AuditsInJournal, since start: Int64) throws -> AuditFinding? {
    for row in recorded.values.sorted(by: { $0.sequence < $1.sequence }) where row.sequence > start {
      guard let audit = audits.checkpoints[row.sequence], audit == (row.size, row.note),
        let size = (try? row.signed).flatMap({ try? Checkpoint($0.text).size }), size == row.size
      else {
        let what = "it has no such checkpoint of \(row.size) entries, and the table of checkpoints says it does"
        return AuditFinding(row.sequence, .checkpoint(place: "entry \(row.sequence)", what: what))
      }
    }
    for (sequence, audit) in audits.checkpoints.sorted(by: { $0.key < $1.key }) where recorded[audit.size] == nil {
      let what = "the table of checkpoints does not have its checkpoint of \(audit.size) entries"
      return AuditFinding(sequence, .checkpoint(place: "entry \(sequence)", what: what))
    }
    return nil
  }

  private func tableFinding(
    _ db: Database, _ extent: JournalExtent, _ states: [Int64: State]
  ) throws -> AuditFinding? {
    if inTable > extent.last { return AuditFinding(inTable, .subtree(from: extent.last + 1)) }
    guard inTable > 0, let state = states[inTable] else { return nil }
    let root = try? StoredTree(db, EntrySource(db)).forest(inTable).root
    return root == state.root ? nil : AuditFinding(inTable, .subtree(from: 1))
  }
}
