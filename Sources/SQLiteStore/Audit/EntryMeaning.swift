import Controller
import Engine
import GRDB
import PipelineModel
import Proofs

/// Reads entries whose link holds, one after the other: that they are canonical, in their place and in order; and takes
/// note of what the read models must say.
struct EntryMeaning {
  /// Entries up to here are not looked at.
  let start: Int64
  private var measurements = MeasurementReader()
  private(set) var sums: LinkSums
  private(set) var targets = TargetsInJournal()
  private(set) var flags = FlagsInJournal()
  private(set) var timeline: TimelineInJournal
  private(set) var freezes = FreezesInJournal()
  private(set) var definitions: DefinitionsInJournal
  private(set) var audits = AuditsInJournal()
  private(set) var identities = IdentitiesInJournal()
  private(set) var carried = CarriedInJournal()

  /// What an entry is checked against.
  struct Neighbour {
    var sequence: Int64
    var hash: ChainHash
    var time: Timestamp?
  }

  /// Entries up to here have their moments in the table.
  let reach: Int64

  /// - Parameters:
  ///   - start: entries up to here are not looked at.
  ///   - base: entries up to here lie in an archive; unless given, those that are not looked at.
  ///   - reach: entries of runs up to here have their moments in the table.
  init(after start: Int64, behind base: Int64? = nil, reaching reach: Int64 = .max) {
    self.start = start
    self.reach = reach
    timeline = TimelineInJournal(reaching: reach)
    definitions = DefinitionsInJournal(behind: base ?? start)
    sums = LinkSums(after: start)
  }

  /// The chain holds; whoever made it may still have written what Headgate does not write.
  @inline(__always)
  mutating func check(
    _ bytes: UnsafeRawBufferPointer, _ hash: ChainHash, _ sequence: Int64, _ last: inout Neighbour
  ) -> AuditFinding? {
    let header: EntryHeader
    do throws(DamagedEntry) {
      header = try wholeHeader(of: bytes)
    } catch {
      return AuditFinding(sequence, .notCanonical(offset: error.position))
    }
    if header.sequence != sequence { return AuditFinding(sequence, .misplaced(holds: header.sequence)) }
    if let time = last.time, header.time < time { return AuditFinding(sequence, .timeRunsBack) }
    sums.add(header)
    last = Neighbour(sequence: sequence, hash: hash, time: header.time)
    return nil
  }

  /// The header of an entry that was read to its end.
  private mutating func wholeHeader(of bytes: UnsafeRawBufferPointer) throws(DamagedEntry) -> EntryHeader {
    if let measurement = measurements.read(bytes) { return measurement.header }
    let entry = try bytes.withMemoryRebound(to: UInt8.self) { buffer throws(DamagedEntry) in
      try Entry(canonical: buffer)
    }
    if case .started(let start) = entry.fact, let run = entry.run { sums.add(RunStart(entry, run, start)) }
    if case .audit(let fact) = entry.fact { note(fact, of: entry.sequence) }
    identities.add(entry)
    targets.add(entry)
    flags.add(entry)
    timeline.add(entry)
    freezes.add(entry)
    definitions.add(entry)
    return EntryHeader(of: entry)
  }

  private mutating func note(_ fact: AuditFact, of sequence: Int64) {
    audits.add(fact, at: sequence)
    guard case .carried(let old) = fact, let entry = carried.add(old, at: sequence) else { return }
    targets.add(entry)
    flags.add(carried: entry)
    timeline.add(carried: entry)
    freezes.add(entry)
  }

  mutating func add(_ other: EntryMeaning) {
    sums.add(other.sums)
    targets.add(other.targets)
    flags.add(other.flags)
    timeline.add(other.timeline)
    freezes.add(other.freezes)
    definitions.add(other.definitions)
    carried.add(other.carried)
    audits.add(other.audits)
    identities.add(other.identities)
  }
}

extension EntryMeaning {
  /// The first disagreement of a table with the journal.
  func finding(_ db: Database, _ extent: JournalExtent) throws -> AuditFinding? {
    try identities.finding(db) ?? extent.finding(audits) ?? carried.finding(db, extent) ?? sums.finding(db, extent)
      ?? targets.finding(db, extent) ?? flags.finding(db, extent) ?? timeline.finding(db, extent)
      ?? freezes.finding(db, extent) ?? definitions.finding(db, extent)
  }
}

/// What the entries say of the journal itself.
struct AuditsInJournal {
  private(set) var checkpoints: [Int64: (size: Int64, note: String)] = [:]
  private(set) var segments: [Int64: SealedSegment] = [:]

  mutating func add(_ fact: AuditFact, at sequence: Int64) {
    switch fact {
    case .checkpointed(let size, let note): checkpoints[sequence] = (size, note)
    case .sealed(var segment):
      // Whether somebody had to insist is not in the table.
      segment.breaksGlass = false
      segments[sequence] = segment
    case .read, .carried, .sealRefused, .refused: break
    }
  }

  mutating func add(_ other: AuditsInJournal) {
    checkpoints.merge(other.checkpoints) { first, _ in first }
    segments.merge(other.segments) { first, _ in first }
  }
}
