import Engine
import Flags
import Narrative
import PipelineModel
import PipelineSyntax
import SQLiteStore

/// Reads from a store what happened to services, and what changed what their users met.
///
/// Only the runs that have moments in the period are folded, each up to the last of these; so it costs what happened,
/// not what the journal holds.
struct TimelineReader {
  let store: ReadingStore

  /// A service that nothing in the store is of has no time line: what may concern any service would look like its own.
  func mustKnow(_ service: String) throws {
    let known = try store.services()
    if known.contains(service) { return }
    let near = nearMiss(of: service, among: known).map { "; did you mean \($0)?" }
    let hint = near ?? (known.isEmpty ? "" : "; there are \(known.prefix(10).joined(separator: ", "))")
    throw Stop.unknown("nothing in this store is of a service \(service)\(hint)")
  }

  /// In order.
  func moments(_ filter: MomentFilter) throws -> [Moment] {
    var moments = try incidents(filter) + freezes(filter)
    try forEachEntry(filter, ofRuns: { entry, chronicle in moments += try chronicle.moments(taking: entry) }) { entry in
      if let moment = FlagTeller.moment(of: entry) ?? FreezeTeller.moment(of: entry) { moments.append(moment) }
    }
    return moments.inOrder()
  }

  /// In no particular order.
  func changes(_ filter: MomentFilter) throws -> [ExposureChange] {
    var changes: [ExposureChange] = []
    try forEachEntry(filter, ofRuns: { entry, chronicle in changes += try chronicle.changes(taking: entry) }) { entry in
      if let change = try change(ofFlag: entry) { changes.append(change) }
    }
    return changes
  }

  /// Entries that are moments in the period; those of runs with the chronicle that is to take each.
  private func forEachEntry(
    _ filter: MomentFilter, ofRuns visit: (Entry, inout Chronicle) throws -> Void, others: (Entry) throws -> Void
  ) throws {
    var wanted: [RunID: Set<Int64>] = [:]
    var last: Int64 = 0
    for row in try store.moments(filter) {
      if let run = row.run { wanted[run, default: []].insert(row.sequence) }
      // One of several services stands there for each of them.
      if row.run == nil, row.sequence != last, let entry = try store.entry(row.sequence), filter.includes(entry.time) {
        try others(entry)
      }
      last = row.sequence
    }
    for (run, numbers) in wanted.sorted(by: { $0.key < $1.key }) {
      guard let record = try store.run(run), let last = numbers.max() else { continue }
      var chronicle = Chronicle(plan: try store.start(of: record).1)
      for entry in try store.entries(of: run, upTo: last) {
        if numbers.contains(entry.sequence), filter.includes(entry.time) {
          try visit(entry, &chronicle)
        } else {
          try chronicle.follow(entry)
        }
      }
    }
  }

  /// What a revision of a flag changed for the users; `nil` when nobody got anything else. A run's steps are told by the
  /// run.
  private func change(ofFlag entry: Entry) throws -> ExposureChange? {
    guard case .flag(.revised(let revision)) = entry.fact else { return nil }
    if case .stepped = revision.change { return nil }
    let before = try revision.number > 1 ? store.flag(revision.name, revision: revision.number - 1)?.revision : nil
    let reckoning = Reckoning(from: before, to: revision, at: entry.time)
    guard reckoning.share != 0, let told = FlagTeller.moment(of: entry) else { return nil }
    return ExposureChange(
      sequence: entry.sequence, time: entry.time,
      origin: .flag(key: revision.name.key, environment: revision.name.environment),
      services: revision.contract.services, environment: revision.name.environment, before: 0, after: reckoning.share,
      subjects: .users, text: told.sentence.text)
  }

  private func freezes(_ filter: MomentFilter) throws -> [Moment] {
    let now = try store.now()
    let records = try store.freezes(filter)
    return records.flatMap { record in
      FreezeTeller.moments(
        of: record.freeze, declared: FreezeAuthor(record.declared), ended: record.ended.map { FreezeAuthor($0) },
        now: now
      ).filter { filter.includes($0.time) }
    }
  }

  /// The beginnings and the ends that are in the period.
  private func incidents(_ filter: MomentFilter) throws -> [Moment] {
    let unread = try store.unread()?.last ?? 0
    let records = try store.incidents(filter)
    return try records.flatMap { record in
      // One that is open is told of though its beginning lies in an archive.
      if record.closed != nil, record.opened <= unread { return [] as [Moment] }
      guard let opened = try store.entry(record.opened) else { return [] }
      let closed = try record.closed.flatMap { try store.entry($0) }
      return (IncidentTeller(opened: opened, closed: closed)?.moments ?? []).filter { filter.includes($0.time) }
    }
  }
}

extension FreezeAuthor {
  fileprivate init(_ act: FreezeRecord.Act) {
    self.init(sequence: act.sequence, time: act.time, by: act.actor, reason: act.reason)
  }
}

extension MomentFilter {
  fileprivate func includes(_ time: Timestamp) -> Bool {
    if let from, time < from { return false }
    if let to, time >= to { return false }
    return true
  }
}

extension ReadingStore {
  /// Says what a time line does not show because it lies in an archive that is not at hand.
  ///
  /// - Returns: whether anything is missing.
  func lacks(_ filter: MomentFilter) throws -> Bool {
    let hidden = try hiddenMoments(filter)
    guard hidden > 0, let part = try unread() else { return false }
    Console.error(
      "up to \(hidden) entries of this time line lie in an archive, in \(part.files.last ?? "it"), and are not shown; name "
        + "its folder with --archive, or as `audit: { archive: { folder: … } }` in headgate.yaml")
    return true
  }
}
